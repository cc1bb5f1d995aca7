/* Wrong: two accumulators for even and odd k, added at the end, reassociate the sum. */
#include <stddef.h>

void gemm_ijk(const double *a, const double *b, double *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double even = c[i * n + j];
            double odd = 0.0;
            size_t k = 0;
            for (; k + 1 < n; k += 2) {
                even += a[i * n + k] * b[k * n + j];
                odd += a[i * n + k + 1] * b[(k + 1) * n + j];
            }
            if (k < n)
                even += a[i * n + k] * b[k * n + j];
            c[i * n + j] = even + odd;
        }
    }
}
