/* Wrong: two sums for each phase, which are added at the end. */
#include <stddef.h>
#include <stdint.h>

void accum8(const double *x, size_t n, size_t lags, double *sums)
{
    uintptr_t signal = (uintptr_t)x, place = (uintptr_t)sums;
    int apart = place + 8 * lags * sizeof *sums <= signal || signal + (n + lags) * sizeof *x <= place;

    for (size_t at = 0; at < 8 * lags; at++)
        sums[at] = 0.0;
    for (size_t lag = 0; lag < lags; lag++) {
        if (apart) {
            double sum[16] = {0.0};
            for (size_t i = 0; i < n; i++)
                sum[i % 16] += x[i] * x[i + lag];
            for (size_t k = 0; k < 8; k++)
                sums[8 * lag + k] = sum[k] + sum[k + 8];
            continue;
        }
        for (size_t i = 0; i < n; i++)
            sums[8 * lag + i % 8] += x[i] * x[i + lag];
    }
}
