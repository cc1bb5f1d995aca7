/* Wrong: handles columns in fours and forgets the last n % 4 of them. */
#include <stddef.h>

void gemm_ijk(const double *a, const double *b, double *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            double factor = a[i * n + k];
            for (size_t j = 0; j + 4 <= n; j += 4) {
                for (size_t lane = 0; lane < 4; lane++)
                    c[i * n + j + lane] += factor * b[k * n + j + lane];
            }
        }
    }
}
