/* Wrong: adds the left neighbour last, which shortens the chain and rounds otherwise. */
#include <stddef.h>
#include <stdint.h>

void seidel5(double *grid, size_t rows, size_t cols, uint32_t sweeps)
{
    for (uint32_t sweep = 0; sweep < sweeps; sweep++) {
        for (size_t i = 1; i + 1 < rows; i++) {
            for (size_t j = 1; j + 1 < cols; j++) {
                size_t at = i * cols + j;
                grid[at] = 0.2 * (grid[at] + grid[at - cols] + grid[at + 1] + grid[at + cols] +
                                  grid[at - 1]);
            }
        }
    }
}
