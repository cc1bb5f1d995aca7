/* Visits the rows by length, so that the branches of the inner loop can be predicted. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { SHORT = 16, MOST_ROWS = 16384 };

struct schedule {
    uint16_t row[MOST_ROWS]; /* rows by ascending length, those of SHORT or more last */
    size_t end[SHORT + 1];   /* where the rows of each length end */
};

static size_t length_class(const uint32_t *row_start, size_t row)
{
    uint32_t length = row_start[row + 1] - row_start[row];
    return length < SHORT ? length : SHORT;
}

static void sort_rows(struct schedule *plan, size_t n, const uint32_t *row_start)
{
    size_t at = 0;

    memset(plan->end, 0, sizeof plan->end);
    for (size_t row = 0; row < n; row++)
        plan->end[length_class(row_start, row)]++;
    for (size_t c = 0; c <= SHORT; c++) {
        at += plan->end[c];
        plan->end[c] = at - plan->end[c];
    }
    for (size_t row = 0; row < n; row++)
        plan->row[plan->end[length_class(row_start, row)]++] = (uint16_t)row;
}

static double row_sum(const uint32_t *col, const double *val, const double *x, size_t length)
{
    double sum = 0.0;
    for (size_t k = 0; k < length; k++)
        sum += val[k] * x[col[k]];
    return sum;
}

static void multiply_sorted(const struct schedule *plan, size_t n, const uint32_t *row_start,
                            const uint32_t *col, const double *val, const double *x, double *y)
{
    size_t i = 0;

    for (size_t length = 0; length < SHORT; length++) {
        for (; i < plan->end[length]; i++) {
            uint32_t start = row_start[plan->row[i]];
            y[plan->row[i]] = row_sum(col + start, val + start, x, length);
        }
    }
    for (; i < n; i++) {
        size_t row = plan->row[i];
        uint32_t start = row_start[row];
        y[row] = row_sum(col + start, val + start, x, row_start[row + 1] - start);
    }
}

static void multiply(size_t n, const uint32_t *row_start, const uint32_t *col, const double *val,
                     const double *x, double *y)
{
    for (size_t row = 0; row < n; row++) {
        uint32_t start = row_start[row];
        y[row] = row_sum(col + start, val + start, x, row_start[row + 1] - start);
    }
}

void spmv_short(size_t n, size_t nnz, const uint32_t *row_start, const uint32_t *col,
                const double *val, double *x, double *y, uint32_t steps)
{
    struct schedule plan;

    (void)nnz;
    if (n <= MOST_ROWS)
        sort_rows(&plan, n, row_start);
    for (uint32_t step = 0; step < steps; step++) {
        if (n <= MOST_ROWS)
            multiply_sorted(&plan, n, row_start, col, val, x, y);
        else
            multiply(n, row_start, col, val, x, y);
        memcpy(x, y, n * sizeof *x);
    }
}
