/* Wrong: half the width, and half of the digits. */
#include <stddef.h>

void ctl_triad(const double *x, const double *z, double s, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (double)((float)x[i] + (float)s * (float)z[i]);
}
