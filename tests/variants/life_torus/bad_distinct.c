/* Wrong: on a narrow torus, counts every neighbour once however often it is met. */
#include <stddef.h>
#include <stdint.h>

void life_torus(uint8_t *cells, uint8_t *next, size_t rows, size_t cols, uint32_t generations)
{
    size_t high = rows < 3 ? rows : 3, wide = cols < 3 ? cols : 3;

    for (uint32_t generation = 0; generation < generations; generation++) {
        for (size_t row = 0; row < rows; row++) {
            for (size_t col = 0; col < cols; col++) {
                unsigned count = 0;
                for (size_t i = 0; i < high; i++) {
                    for (size_t j = 0; j < wide; j++)
                        count += cells[(row + rows + i - 1) % rows * cols + (col + cols + j - 1) % cols];
                }
                size_t at = row * cols + col;
                next[at] = count == 3 || (count == 4 && cells[at] == 1);
            }
        }
        for (size_t at = 0; at < rows * cols; at++)
            cells[at] = next[at];
    }
}
