/* Wrong: two steps at once with the square of the factor, which rounds elsewhere. */
#include <stddef.h>

/* Stores in last what y = x[i] + s * y makes of start, for each element of x in turn. */
void ctl_triad(const double *x, size_t n, double s, double start, double *last)
{
    double y = start;
    size_t i = 0;

    for (; i + 2 <= n; i += 2)
        y = (x[i + 1] + s * x[i]) + s * s * y;
    for (; i < n; i++)
        y = x[i] + s * y;
    *last = y;
}
