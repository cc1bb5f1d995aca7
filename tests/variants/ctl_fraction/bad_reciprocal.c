/* Wrong: multiplies by the reciprocal, which rounds twice. */
#include <stddef.h>

void ctl_fraction(double a, const double *b, size_t n, double *value)
{
    double fraction = 1.0;

    for (size_t i = n; i > 0; i--)
        fraction = b[i - 1] + a * (1.0 / fraction);
    *value = fraction;
}
