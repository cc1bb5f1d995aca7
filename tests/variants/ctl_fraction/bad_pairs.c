/* Wrong: a numerator and a denominator, divided once at the end, round elsewhere and overflow. */
#include <stddef.h>

void ctl_fraction(double a, const double *b, size_t n, double *value)
{
    double upper = 1.0, lower = 1.0;

    for (size_t i = n; i > 0; i--) {
        double next = b[i - 1] * upper + a * lower;
        lower = upper;
        upper = next;
    }
    *value = upper / lower;
}
