#include <stddef.h>

/*
 * Stores in value the continued fraction b[0] + a / (b[1] + a / (b[2] + ...)), which ends with
 * b[n - 1] + a / 1.0, computed from its end. Each quotient and each sum is rounded. Without terms
 * the value is 1.0.
 */
void ctl_fraction(double a, const double *b, size_t n, double *value)
{
    double fraction = 1.0;

    for (size_t i = n; i > 0; i--)
        fraction = b[i - 1] + a / fraction;
    *value = fraction;
}
