/* Wrong: rounds once with a fused multiply-add. */
#include <math.h>
#include <stddef.h>

void ctl_triad(const double *x, const double *z, double s, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = fma(s, z[i], x[i]);
}
