/* Eight sums in registers where the signal lies elsewhere; else as it is written. */
#include <stddef.h>
#include <stdint.h>

static void one_by_one(const double *x, size_t from, size_t n, size_t lag, double *sums)
{
    for (size_t i = from; i < n; i++)
        sums[8 * lag + i % 8] += x[i] * x[i + lag];
}

void accum8(const double *x, size_t n, size_t lags, double *sums)
{
    uintptr_t signal = (uintptr_t)x, place = (uintptr_t)sums;
    int apart = place + 8 * lags * sizeof *sums <= signal || signal + (n + lags) * sizeof *x <= place;

    for (size_t at = 0; at < 8 * lags; at++)
        sums[at] = 0.0;
    for (size_t lag = 0; lag < lags; lag++) {
        size_t i = 0;
        if (apart) {
            double sum[8] = {0.0};
            for (; i + 8 <= n; i += 8) {
                for (size_t k = 0; k < 8; k++)
                    sum[k] += x[i + k] * x[i + k + lag];
            }
            for (size_t k = 0; k < 8; k++)
                sums[8 * lag + k] = sum[k];
        }
        one_by_one(x, i, n, lag, sums);
    }
}
