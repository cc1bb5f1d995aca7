/* Wrong: fmax never returns a NaN if the other operand is a number. */
#include <math.h>
#include <stddef.h>

void window_max(const double *x, size_t n, size_t window, double *best)
{
    for (size_t i = 0; i < n; i++) {
        double greatest = x[i];
        for (size_t k = 1; k < window; k++)
            greatest = fmax(greatest, x[i + k]);
        best[i] = greatest;
    }
}
