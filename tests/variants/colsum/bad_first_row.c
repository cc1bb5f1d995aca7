/* Wrong: begins with the first row instead of 0, which shows in the sign of a zero. */
#include <stddef.h>

void colsum(const float *restrict a, size_t rows, size_t cols, float *restrict sum)
{
    for (size_t j = 0; j < cols; j++)
        sum[j] = rows > 0 ? a[j] : 0.0f;
    for (size_t i = 1; i < rows; i++) {
        for (size_t j = 0; j < cols; j++)
            sum[j] += a[i * cols + j];
    }
}
