#include <stddef.h>

/*
 * sums[i] = x[i] + x[i + 1] + ... + x[i + window - 1], added from left to right, starting from
 * zero, for each of the n windows of x.
 */
void sum_strict(const double *x, size_t n, size_t window, double *sums)
{
    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (size_t k = 0; k < window; k++)
            sum += x[i + k];
        sums[i] = sum;
    }
}
