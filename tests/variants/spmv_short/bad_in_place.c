/* Wrong: stores each row's result into x at once, where later rows read it. */
#include <stddef.h>
#include <stdint.h>

void spmv_short(size_t n, size_t nnz, const uint32_t *row_start, const uint32_t *col,
                const double *val, double *x, double *y, uint32_t steps)
{
    (void)nnz;
    (void)y;
    for (uint32_t step = 0; step < steps; step++) {
        for (size_t row = 0; row < n; row++) {
            double sum = 0.0;
            for (uint32_t at = row_start[row]; at < row_start[row + 1]; at++)
                sum += val[at] * x[col[at]];
            x[row] = sum;
        }
    }
}
