/* Adds eight windows side by side, each from left to right. */
#include <stddef.h>

enum { LANES = 8 };

void sum_strict(const double *restrict x, size_t n, size_t window, double *restrict sums)
{
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        double sum[LANES] = {0.0};
        for (size_t k = 0; k < window; k++) {
            for (size_t lane = 0; lane < LANES; lane++)
                sum[lane] += x[i + k + lane];
        }
        for (size_t lane = 0; lane < LANES; lane++)
            sums[i + lane] = sum[lane];
    }
    for (; i < n; i++) {
        double sum = 0.0;
        for (size_t k = 0; k < window; k++)
            sum += x[i + k];
        sums[i] = sum;
    }
}
