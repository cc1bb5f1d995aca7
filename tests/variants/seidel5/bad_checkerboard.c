/* Wrong: first all points of even, then all of odd row plus column: another iteration. */
#include <stddef.h>
#include <stdint.h>

void seidel5(double *grid, size_t rows, size_t cols, uint32_t sweeps)
{
    for (uint32_t half = 0; half < 2 * sweeps; half++) {
        for (size_t i = 1; i + 1 < rows; i++) {
            for (size_t j = 1 + (i + 1 + half) % 2; j + 1 < cols; j += 2) {
                size_t at = i * cols + j;
                grid[at] = 0.2 * (grid[at] + grid[at - cols] + grid[at - 1] + grid[at + 1] +
                                  grid[at + cols]);
            }
        }
    }
}
