/* Wrong: takes the left neighbours of a row from before the sweep. */
#include <stddef.h>
#include <stdint.h>

void seidel5(double *grid, size_t rows, size_t cols, uint32_t sweeps)
{
    for (uint32_t sweep = 0; sweep < sweeps; sweep++) {
        for (size_t i = 1; i + 1 < rows; i++) {
            double left = grid[i * cols];
            for (size_t j = 1; j + 1 < cols; j++) {
                size_t at = i * cols + j;
                double here = grid[at];
                grid[at] = 0.2 * (here + grid[at - cols] + left + grid[at + 1] + grid[at + cols]);
                left = here;
            }
        }
    }
}
