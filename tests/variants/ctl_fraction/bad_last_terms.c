/* Wrong: leaves out what comes after ten terms, as if it could not show. */
#include <stddef.h>

void ctl_fraction(double a, const double *b, size_t n, double *value)
{
    double fraction = 1.0;

    for (size_t i = n < 10 ? n : 10; i > 0; i--)
        fraction = b[i - 1] + a / fraction;
    *value = fraction;
}
