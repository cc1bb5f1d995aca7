/* Row after row onto the sums, which stay in the first cache; memory is read once, along its grain. */
#include <stddef.h>

void colsum(const float *restrict a, size_t rows, size_t cols, float *restrict sum)
{
    for (size_t j = 0; j < cols; j++)
        sum[j] = 0.0f;
    for (size_t i = 0; i < rows; i++, a += cols) {
        for (size_t j = 0; j < cols; j++)
            sum[j] += a[j];
    }
}
