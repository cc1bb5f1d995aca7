/* Interchanged to i-k-j over column tiles: each element still adds its products in ascending k. */
#include <stddef.h>

enum { TILE = 64 };

void gemm_ijk(const double *restrict a, const double *restrict b, double *restrict c, size_t n)
{
    for (size_t left = 0; left < n; left += TILE) {
        size_t right = n - left < TILE ? n : left + TILE;
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < n; k++) {
                double factor = a[i * n + k];
                for (size_t j = left; j < right; j++)
                    c[i * n + j] += factor * b[k * n + j];
            }
        }
    }
}
