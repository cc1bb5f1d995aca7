/* Wrong: takes for granted that every row has an element. */
#include <stddef.h>
#include <stdint.h>

void spmv_short(size_t n, size_t nnz, const uint32_t *row_start, const uint32_t *col,
                const double *val, double *x, double *y, uint32_t steps)
{
    (void)nnz;
    for (uint32_t step = 0; step < steps; step++) {
        for (size_t row = 0; row < n; row++) {
            uint32_t at = row_start[row];
            double sum = 0.0;
            do {
                sum += val[at] * x[col[at]];
            } while (++at < row_start[row + 1]);
            y[row] = sum;
        }
        for (size_t i = 0; i < n; i++)
            x[i] = y[i];
    }
}
