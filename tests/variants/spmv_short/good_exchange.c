/* Exchanges the vectors instead of copying, and reads each row's end once. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static void multiply(size_t n, const uint32_t *restrict row_start, const uint32_t *restrict col,
                     const double *restrict val, const double *restrict x, double *restrict y)
{
    uint32_t at = 0;

    for (size_t row = 0; row < n; row++) {
        uint32_t end = row_start[row + 1];
        double sum = 0.0;
        for (; at < end; at++)
            sum += val[at] * x[col[at]];
        y[row] = sum;
    }
}

void spmv_short(size_t n, size_t nnz, const uint32_t *row_start, const uint32_t *col,
                const double *val, double *x, double *y, uint32_t steps)
{
    (void)nnz;
    double *from = x;
    double *to = y;
    for (uint32_t step = 0; step < steps; step++) {
        multiply(n, row_start, col, val, from, to);
        double *swap = from;
        from = to;
        to = swap;
    }
    if (from != x && n > 0)
        memcpy(x, from, n * sizeof *x);
}
