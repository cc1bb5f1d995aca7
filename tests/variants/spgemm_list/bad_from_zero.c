/* Wrong: each sum begins with 0 instead of its first product, which shows in the sign of a zero. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

size_t spgemm_list(size_t n, size_t a_count, const uint32_t *a_start, const uint32_t *a_col,
                   const double *a_val, size_t b_count, const uint32_t *b_start,
                   const uint32_t *b_col, const double *b_val, uint32_t *c_start, uint32_t *c_col,
                   double *c_val)
{
    double *row = calloc(n + 1, sizeof *row);
    uint8_t *used = calloc(n + 1, 1);
    uint32_t count = 0;

    (void)a_count;
    (void)b_count;
    if (row == NULL || used == NULL)
        abort();
    c_start[0] = 0;
    for (size_t i = 0; i < n; i++) {
        for (uint32_t p = a_start[i]; p < a_start[i + 1]; p++) {
            uint32_t k = a_col[p];
            for (uint32_t q = b_start[k]; q < b_start[k + 1]; q++) {
                double product = a_val[p] * b_val[q];
                uint32_t col = b_col[q];
                row[col] += product;
                used[col] = 1;
            }
        }
        for (uint32_t col = 0; col < n; col++) {
            if (used[col]) {
                c_col[count] = col;
                c_val[count] = row[col];
                count++;
                used[col] = 0;
                row[col] = 0.0;
            }
        }
        c_start[i + 1] = count;
    }
    for (size_t at = count; at < n * n; at++) {
        c_col[at] = 0;
        c_val[at] = 0.0;
    }
    free(used);
    free(row);
    return count;
}
