/* Wrong: rounds once with a fused multiply-add. */
#include <math.h>
#include <stddef.h>

/* Stores in last what y = x[i] + s * y makes of start, for each element of x in turn. */
void ctl_triad(const double *x, size_t n, double s, double start, double *last)
{
    double y = start;
    for (size_t i = 0; i < n; i++)
        y = fma(s, y, x[i]);
    *last = y;
}
