/* Wrong: begins where what came before has faded below the last digit, NaN and infinities included. */
#include <stddef.h>

/* Stores in last what y = x[i] + s * y makes of start, for each element of x in turn. */
void ctl_triad(const double *x, size_t n, double s, double start, double *last)
{
    double y = start;
    for (size_t i = s > -0.5 && s < 0.5 && n > 200 ? n - 200 : 0; i < n; i++)
        y = x[i] + s * y;
    *last = y;
}
