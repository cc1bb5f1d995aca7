/* Wrong: slides the sum along, adding the new element and subtracting the old one. */
#include <stddef.h>

void sum_strict(const double *x, size_t n, size_t window, double *sums)
{
    double sum = 0.0;

    if (n == 0)
        return;
    for (size_t k = 0; k < window; k++)
        sum += x[k];
    sums[0] = sum;
    for (size_t i = 1; i < n; i++) {
        sum += window > 0 ? x[i + window - 1] - x[i - 1] : 0.0;
        sums[i] = sum;
    }
}
