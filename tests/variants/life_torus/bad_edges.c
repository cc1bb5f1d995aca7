/* Wrong: what lies beyond an edge is dead. */
#include <stddef.h>
#include <stdint.h>

void life_torus(uint8_t *cells, uint8_t *next, size_t rows, size_t cols, uint32_t generations)
{
    for (uint32_t generation = 0; generation < generations; generation++) {
        for (size_t row = 0; row < rows; row++) {
            for (size_t col = 0; col < cols; col++) {
                unsigned count = 0;
                for (size_t i = row > 0 ? row - 1 : 0; i < rows && i <= row + 1; i++) {
                    for (size_t j = col > 0 ? col - 1 : 0; j < cols && j <= col + 1; j++)
                        count += cells[i * cols + j];
                }
                size_t at = row * cols + col;
                next[at] = count == 3 || (count == 4 && cells[at] == 1);
            }
        }
        for (size_t at = 0; at < rows * cols; at++)
            cells[at] = next[at];
    }
}
