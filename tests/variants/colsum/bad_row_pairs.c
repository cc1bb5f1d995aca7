/* Wrong: adds two rows to each other before they are added to the sums. */
#include <stddef.h>

void colsum(const float *restrict a, size_t rows, size_t cols, float *restrict sum)
{
    size_t i = 0;

    for (size_t j = 0; j < cols; j++)
        sum[j] = 0.0f;
    for (; i + 2 <= rows; i += 2) {
        for (size_t j = 0; j < cols; j++)
            sum[j] += a[i * cols + j] + a[(i + 1) * cols + j];
    }
    for (; i < rows; i++) {
        for (size_t j = 0; j < cols; j++)
            sum[j] += a[i * cols + j];
    }
}
