/* The loops exchanged: row after row onto all sums. */
#include <stddef.h>

void colsum(const float *restrict a, size_t rows, size_t cols, float *restrict sum)
{
    for (size_t j = 0; j < cols; j++)
        sum[j] = 0.0f;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < cols; j++)
            sum[j] += a[i * cols + j];
    }
}
