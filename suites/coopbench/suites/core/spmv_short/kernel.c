#include <stddef.h>
#include <stdint.h>

/* y = A x, with the n rows of A in compressed form. */
static void multiply(size_t n, const uint32_t *row_start, const uint32_t *col, const double *val,
                     const double *x, double *y)
{
    for (size_t row = 0; row < n; row++) {
        double sum = 0.0;
        for (uint32_t at = row_start[row]; at < row_start[row + 1]; at++)
            sum += val[at] * x[col[at]];
        y[row] = sum;
    }
}

/*
 * Carries the vector x on by `steps` steps, x = A x in each. Row r of the n-by-n matrix A has
 * the nonzero elements row_start[r] to row_start[r + 1] - 1; y is room for one vector.
 */
void spmv_short(size_t n, size_t nnz, const uint32_t *row_start, const uint32_t *col,
                const double *val, double *x, double *y, uint32_t steps)
{
    (void)nnz; /* equals row_start[n] */
    for (uint32_t step = 0; step < steps; step++) {
        multiply(n, row_start, col, val, x, y);
        for (size_t i = 0; i < n; i++)
            x[i] = y[i];
    }
}
