#include <stddef.h>
#include <stdint.h>

/* Number of living cells among the eight neighbours of a cell; opposite edges are joined. */
static unsigned neighbours(const uint8_t *cells, size_t rows, size_t cols, size_t row, size_t col)
{
    unsigned count = 0;

    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++) {
            if (i != 1 || j != 1)
                count += cells[(row + rows + i - 1) % rows * cols + (col + cols + j - 1) % cols];
        }
    }
    return count;
}

/*
 * Conway's Game of Life on a torus of rows by cols cells, each 0 (dead) or 1 (alive): a cell lives
 * on with two or three living neighbours, and is born with three. Where the torus is narrow, a cell
 * counts as its own neighbour, or another one several times, as often as it is met on the way round.
 */
void life_torus(uint8_t *cells, uint8_t *next, size_t rows, size_t cols, uint32_t generations)
{
    for (uint32_t generation = 0; generation < generations; generation++) {
        for (size_t row = 0; row < rows; row++) {
            for (size_t col = 0; col < cols; col++) {
                unsigned count = neighbours(cells, rows, cols, row, col);
                size_t at = row * cols + col;
                next[at] = count == 3 || (count == 2 && cells[at] == 1);
            }
        }
        for (size_t at = 0; at < rows * cols; at++)
            cells[at] = next[at];
    }
}
