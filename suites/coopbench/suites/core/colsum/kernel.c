#include <stddef.h>

/*
 * Sums the columns of a rows-by-cols matrix stored row after row: sum[j] is 0 plus the elements of
 * column j, added from the first row to the last. Any float may occur.
 */
void colsum(const float *a, size_t rows, size_t cols, float *sum)
{
    for (size_t j = 0; j < cols; j++) {
        float total = 0.0f;
        for (size_t i = 0; i < rows; i++)
            total += a[i * cols + j];
        sum[j] = total;
    }
}
