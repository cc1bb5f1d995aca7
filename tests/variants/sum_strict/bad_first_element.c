/* Wrong: starts from the first element instead of zero, so windows of -0.0 give -0.0. */
#include <stddef.h>

void sum_strict(const double *x, size_t n, size_t window, double *sums)
{
    for (size_t i = 0; i < n; i++) {
        double sum = window > 0 ? x[i] : 0.0;
        for (size_t k = 1; k < window; k++)
            sum += x[i + k];
        sums[i] = sum;
    }
}
