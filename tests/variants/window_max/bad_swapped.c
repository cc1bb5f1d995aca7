/* Wrong: keeps the best only if it is greater, so ties and NaN go the other way. */
#include <stddef.h>

void window_max(const double *x, size_t n, size_t window, double *best)
{
    for (size_t i = 0; i < n; i++) {
        double greatest = x[i];
        for (size_t k = 1; k < window; k++)
            greatest = greatest > x[i + k] ? greatest : x[i + k];
        best[i] = greatest;
    }
}
