/* Wrong: updates in place, so that two of the neighbours are from after the sweep. */
#include <stddef.h>
#include <stdint.h>

void jacobi5(double *grid, double *next, size_t rows, size_t cols, uint32_t sweeps)
{
    (void)next;
    for (uint32_t sweep = 0; sweep < sweeps; sweep++) {
        for (size_t i = 1; i + 1 < rows; i++) {
            for (size_t j = 1; j + 1 < cols; j++) {
                size_t at = i * cols + j;
                grid[at] = 0.2 * (grid[at] + grid[at - cols] + grid[at - 1] + grid[at + 1] +
                                  grid[at + cols]);
            }
        }
    }
}
