/* Four elements a step; each still waits for the last. */
#include <stddef.h>

void ctl_triad(const double *x, size_t n, double s, double start, double *last)
{
    double y = start;
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        y = x[i] + s * y;
        y = x[i + 1] + s * y;
        y = x[i + 2] + s * y;
        y = x[i + 3] + s * y;
    }
    for (; i < n; i++)
        y = x[i] + s * y;
    *last = y;
}
