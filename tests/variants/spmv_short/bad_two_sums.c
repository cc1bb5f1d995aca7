/* Wrong: two accumulators per row reassociate the sum. */
#include <stddef.h>
#include <stdint.h>

void spmv_short(size_t n, size_t nnz, const uint32_t *row_start, const uint32_t *col,
                const double *val, double *x, double *y, uint32_t steps)
{
    (void)nnz;
    for (uint32_t step = 0; step < steps; step++) {
        for (size_t row = 0; row < n; row++) {
            uint32_t at = row_start[row];
            uint32_t end = row_start[row + 1];
            double even = 0.0;
            double odd = 0.0;
            for (; at + 2 <= end; at += 2) {
                even += val[at] * x[col[at]];
                odd += val[at + 1] * x[col[at + 1]];
            }
            if (at < end)
                even += val[at] * x[col[at]];
            y[row] = even + odd;
        }
        for (size_t i = 0; i < n; i++)
            x[i] = y[i];
    }
}
