/* Wrong: fused multiply-add skips the rounding of each product. */
#include <math.h>
#include <stddef.h>

void gemm_ijk(const double *a, const double *b, double *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < n; j++)
                c[i * n + j] = fma(a[i * n + k], b[k * n + j], c[i * n + j]);
}
