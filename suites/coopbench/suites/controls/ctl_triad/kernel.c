#include <stddef.h>

/* out[i] = x[i] + s * z[i], with the product and the sum rounded each. */
void ctl_triad(const double *x, const double *z, double s, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = x[i] + s * z[i];
}
