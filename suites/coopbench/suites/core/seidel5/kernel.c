#include <stddef.h>
#include <stdint.h>

/*
 * Smooths a rows-by-cols grid in place: each sweep goes through the inner points row by row, and
 * every one becomes the mean of itself and its four neighbours, of which those above and to the
 * left have been through the same sweep already. The border stays as it is.
 */
void seidel5(double *grid, size_t rows, size_t cols, uint32_t sweeps)
{
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
