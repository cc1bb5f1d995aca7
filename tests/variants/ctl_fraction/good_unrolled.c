/* Four terms a step; each still waits for the last. */
#include <stddef.h>

void ctl_fraction(double a, const double *b, size_t n, double *value)
{
    double fraction = 1.0;
    size_t i = n;

    for (; i >= 4; i -= 4) {
        fraction = b[i - 1] + a / fraction;
        fraction = b[i - 2] + a / fraction;
        fraction = b[i - 3] + a / fraction;
        fraction = b[i - 4] + a / fraction;
    }
    for (; i > 0; i--)
        fraction = b[i - 1] + a / fraction;
    *value = fraction;
}
