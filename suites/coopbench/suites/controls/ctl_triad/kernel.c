#include <stddef.h>

/*
 * Begins with y = start, lets y = x[i] + s * y for each of the n elements of x in turn, product and
 * sum rounded each, and stores y in last.
 */
void ctl_triad(const double *x, size_t n, double s, double start, double *last)
{
    double y = start;

    for (size_t i = 0; i < n; i++)
        y = x[i] + s * y;
    *last = y;
}
