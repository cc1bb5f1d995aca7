/* Jumps once into code for the row's length. Legal, but slower where the jump is mispredicted. */
#include <stddef.h>
#include <stdint.h>

static double row_sum(const uint32_t *col, const double *val, const double *x, size_t length)
{
    double sum = 0.0;
    size_t at = 0;

    for (; length - at > 7; at++)
        sum += val[at] * x[col[at]];
    col += at;
    val += at;
    switch (length - at) {
    case 7: sum += *val++ * x[*col++]; /* fall through */
    case 6: sum += *val++ * x[*col++]; /* fall through */
    case 5: sum += *val++ * x[*col++]; /* fall through */
    case 4: sum += *val++ * x[*col++]; /* fall through */
    case 3: sum += *val++ * x[*col++]; /* fall through */
    case 2: sum += *val++ * x[*col++]; /* fall through */
    case 1: sum += *val * x[*col];
    }
    return sum;
}

void spmv_short(size_t n, size_t nnz, const uint32_t *row_start, const uint32_t *col,
                const double *val, double *x, double *y, uint32_t steps)
{
    (void)nnz;
    for (uint32_t step = 0; step < steps; step++) {
        uint32_t start = 0;
        for (size_t row = 0; row < n; row++) {
            uint32_t end = row_start[row + 1];
            y[row] = row_sum(col + start, val + start, x, end - start);
            start = end;
        }
        for (size_t i = 0; i < n; i++)
            x[i] = y[i];
    }
}
