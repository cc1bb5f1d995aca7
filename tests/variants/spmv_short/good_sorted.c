/* Visits the rows by length, so that the branches of the inner loop can be predicted. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT = 16 };

static size_t class_of(const uint32_t *row_start, size_t row)
{
    uint32_t length = row_start[row + 1] - row_start[row];
    return length < SHORT ? length : SHORT;
}

/* Fills order with the rows by ascending class; rows of class c end at place[c]. */
static void sort_rows(size_t n, const uint32_t *row_start, uint32_t *order, size_t *place)
{
    size_t at = 0;

    memset(place, 0, (SHORT + 1) * sizeof *place);
    for (size_t row = 0; row < n; row++)
        place[class_of(row_start, row)]++;
    for (size_t c = 0; c <= SHORT; c++) {
        at += place[c];
        place[c] = at - place[c];
    }
    for (size_t row = 0; row < n; row++)
        order[place[class_of(row_start, row)]++] = (uint32_t)row;
}

static double row_sum(const uint32_t *restrict col, const double *restrict val,
                      const double *restrict x, size_t length)
{
    double sum = 0.0;
    for (size_t k = 0; k < length; k++)
        sum += val[k] * x[col[k]];
    return sum;
}

static void multiply(size_t n, const uint32_t *row_start, const uint32_t *order,
                     const size_t *place, const uint32_t *col, const double *val, const double *x,
                     double *y)
{
    size_t i = 0;
    for (size_t length = 0; length < SHORT; length++) {
        for (; i < place[length]; i++) {
            uint32_t start = row_start[order[i]];
            y[order[i]] = row_sum(col + start, val + start, x, length);
        }
    }
    for (; i < n; i++) {
        uint32_t start = row_start[order[i]];
        y[order[i]] = row_sum(col + start, val + start, x, row_start[order[i] + 1] - start);
    }
}

void spmv_short(size_t n, size_t nnz, const uint32_t *row_start, const uint32_t *col,
                const double *val, double *x, double *y, uint32_t steps)
{
    (void)nnz;
    uint32_t *order = malloc((n + 1) * sizeof *order);
    size_t place[SHORT + 1];

    if (order == NULL)
        abort();
    sort_rows(n, row_start, order, place);
    for (uint32_t step = 0; step < steps; step++) {
        multiply(n, row_start, order, place, col, val, x, y);
        memcpy(x, y, n * sizeof *x);
    }
    free(order);
}
