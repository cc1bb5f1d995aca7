/* Wrong: rows - 1 wraps around on an empty grid, and the loop runs out of the array. */
#include <stddef.h>
#include <stdint.h>

void jacobi5(double *grid, double *next, size_t rows, size_t cols, uint32_t sweeps)
{
    for (uint32_t sweep = 0; sweep < sweeps; sweep++) {
        for (size_t i = 1; i < rows - 1; i++) {
            for (size_t j = 1; j < cols - 1; j++) {
                size_t at = i * cols + j;
                next[at] = 0.2 * (grid[at] + grid[at - cols] + grid[at - 1] + grid[at + 1] +
                                  grid[at + cols]);
            }
        }
        for (size_t i = 1; i < rows - 1; i++)
            for (size_t j = 1; j < cols - 1; j++)
                grid[i * cols + j] = next[i * cols + j];
    }
}
