/* Wrong: cells see neighbours that are one generation ahead. */
#include <stddef.h>
#include <stdint.h>

void life_torus(uint8_t *cells, uint8_t *next, size_t rows, size_t cols, uint32_t generations)
{
    (void)next;
    for (uint32_t generation = 0; generation < generations; generation++) {
        for (size_t row = 0; row < rows; row++) {
            for (size_t col = 0; col < cols; col++) {
                unsigned count = 0;
                for (size_t i = 0; i < 3; i++) {
                    for (size_t j = 0; j < 3; j++)
                        count += cells[(row + rows + i - 1) % rows * cols + (col + cols + j - 1) % cols];
                }
                size_t at = row * cols + col;
                cells[at] = count == 3 || (count == 4 && cells[at] == 1);
            }
        }
    }
}
