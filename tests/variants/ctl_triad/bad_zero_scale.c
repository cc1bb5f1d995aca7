/* Wrong: copies x where a factor is zero, although 0 times infinity is NaN. */
#include <stddef.h>

void ctl_triad(const double *x, const double *z, double s, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = s == 0.0 || z[i] == 0.0 ? x[i] : x[i] + s * z[i];
}
