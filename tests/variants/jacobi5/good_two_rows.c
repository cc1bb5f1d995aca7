/* Works in place with copies of the two old rows that are still needed. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static void update_row(double *restrict row, const double *restrict old_above,
                       const double *restrict old, const double *restrict below, size_t cols)
{
    for (size_t j = 1; j + 1 < cols; j++)
        row[j] = 0.2 * (old[j] + old_above[j] + old[j - 1] + old[j + 1] + below[j]);
}

void jacobi5(double *grid, double *next, size_t rows, size_t cols, uint32_t sweeps)
{
    if (rows < 3 || cols < 3)
        return;
    for (uint32_t sweep = 0; sweep < sweeps; sweep++) {
        double *old_above = next;
        double *old = next + cols;
        memcpy(old_above, grid, cols * sizeof *grid);
        for (size_t i = 1; i + 1 < rows; i++) {
            double *row = grid + i * cols;
            memcpy(old, row, cols * sizeof *row);
            update_row(row, old_above, old, row + cols, cols);
            double *swap = old_above;
            old_above = old;
            old = swap;
        }
    }
}
