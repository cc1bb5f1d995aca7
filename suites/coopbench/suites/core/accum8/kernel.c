#include <stddef.h>

/*
 * Autocorrelation of a signal with a period of 8, apart for each phase:
 *
 *   sums[8 * lag + i % 8] = sum of x[i] * x[i + lag] over all i < n of that phase
 *
 * for each lag below `lags`; x has n + lags elements. All sums are cleared first, then the lags
 * follow one another, each from i = 0 to n - 1. The sums may lie inside the signal: what is written
 * there then is signal for what comes later.
 */
void accum8(const double *x, size_t n, size_t lags, double *sums)
{
    for (size_t at = 0; at < 8 * lags; at++)
        sums[at] = 0.0;
    for (size_t lag = 0; lag < lags; lag++) {
        for (size_t i = 0; i < n; i++)
            sums[8 * lag + i % 8] += x[i] * x[i + lag];
    }
}
