/* Wrong: exchanges the grids but leaves the result in the scratch grid after odd sweep counts. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void jacobi5(double *grid, double *next, size_t rows, size_t cols, uint32_t sweeps)
{
    double *from = grid;
    double *to = next;

    memcpy(next, grid, rows * cols * sizeof *grid);
    for (uint32_t sweep = 0; sweep < sweeps; sweep++) {
        for (size_t i = 1; i + 1 < rows; i++) {
            for (size_t j = 1; j + 1 < cols; j++) {
                size_t at = i * cols + j;
                to[at] = 0.2 * (from[at] + from[at - cols] + from[at - 1] + from[at + 1] +
                                from[at + cols]);
            }
        }
        double *swap = from;
        from = to;
        to = swap;
    }
}
