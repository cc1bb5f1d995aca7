/*
 * A dense row to add into, begun with -0.0 (which changes no sum, not even a negative zero), and a
 * bit for each column that was met: the bits give the columns in order.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct row {
    double *sum; /* n sums, -0.0 where nothing has been added */
    uint64_t *met;
};

/* Writes the columns that were met to c, and clears the row; returns their number. */
static uint32_t take(const struct row *row, size_t n, uint32_t *col, double *val)
{
    uint32_t count = 0;

    for (size_t w = 0; 64 * w < n; w++) {
        for (uint64_t bits = row->met[w]; bits != 0; bits &= bits - 1) {
            uint32_t at = (uint32_t)(64 * w) + (uint32_t)__builtin_ctzll(bits);
            col[count] = at;
            val[count] = row->sum[at];
            row->sum[at] = -0.0;
            count++;
        }
        row->met[w] = 0;
    }
    return count;
}

/* Adds factor times the given elements to the row. */
static void add(const struct row *row, double factor, const uint32_t *col, const double *val,
                uint32_t count)
{
    for (uint32_t q = 0; q < count; q++) {
        uint32_t at = col[q];
        row->sum[at] += factor * val[q];
        row->met[at / 64] |= (uint64_t)1 << (at % 64);
    }
}

size_t spgemm_list(size_t n, size_t a_count, const uint32_t *a_start, const uint32_t *a_col,
                   const double *a_val, size_t b_count, const uint32_t *b_start,
                   const uint32_t *b_col, const double *b_val, uint32_t *c_start, uint32_t *c_col,
                   double *c_val)
{
    struct row row = {malloc((n + 1) * sizeof(double)), calloc(n / 64 + 1, sizeof(uint64_t))};
    uint32_t count = 0;

    (void)a_count;
    (void)b_count;
    if (row.sum == NULL || row.met == NULL)
        abort();
    for (size_t at = 0; at < n; at++)
        row.sum[at] = -0.0;
    c_start[0] = 0;
    for (size_t i = 0; i < n; i++) {
        for (uint32_t p = a_start[i]; p < a_start[i + 1]; p++) {
            uint32_t from = b_start[a_col[p]];
            uint32_t length = b_start[a_col[p] + 1] - from;
            add(&row, a_val[p], b_col + from, b_val + from, length);
        }
        count += take(&row, n, c_col + count, c_val + count);
        c_start[i + 1] = count;
    }
    memset(c_col + count, 0, (n * n - count) * sizeof *c_col);
    memset(c_val + count, 0, (n * n - count) * sizeof *c_val);
    free(row.met);
    free(row.sum);
    return count;
}
