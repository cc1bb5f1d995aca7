#include <stddef.h>
#include <stdint.h>

/*
 * Smooths a rows-by-cols grid: in each sweep every inner point becomes the mean of itself and
 * its four neighbours, all taken from before the sweep. The border stays as it is.
 */
void jacobi5(double *grid, double *next, size_t rows, size_t cols, uint32_t sweeps)
{
    for (uint32_t sweep = 0; sweep < sweeps; sweep++) {
        for (size_t i = 1; i + 1 < rows; i++) {
            for (size_t j = 1; j + 1 < cols; j++) {
                size_t at = i * cols + j;
                next[at] = 0.2 * (grid[at] + grid[at - cols] + grid[at - 1] + grid[at + 1] +
                                  grid[at + cols]);
            }
        }
        for (size_t i = 1; i + 1 < rows; i++) {
            for (size_t j = 1; j + 1 < cols; j++)
                grid[i * cols + j] = next[i * cols + j];
        }
    }
}
