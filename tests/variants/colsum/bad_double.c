/* Wrong: sums in double precision, which is more accurate and not the same. */
#include <stddef.h>

void colsum(const float *a, size_t rows, size_t cols, float *sum)
{
    for (size_t j = 0; j < cols; j++) {
        double total = 0.0;
        for (size_t i = 0; i < rows; i++)
            total += (double)a[i * cols + j];
        sum[j] = (float)total;
    }
}
