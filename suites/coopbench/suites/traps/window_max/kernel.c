#include <stddef.h>

/*
 * best[i] = maximum of the window x[i], ..., x[i + window - 1], for each of the n windows of x:
 * starting with x[i], each further element replaces the best so far if it is greater.
 */
void window_max(const double *x, size_t n, size_t window, double *best)
{
    for (size_t i = 0; i < n; i++) {
        double greatest = x[i];
        for (size_t k = 1; k < window; k++) {
            if (x[i + k] > greatest)
                greatest = x[i + k];
        }
        best[i] = greatest;
    }
}
