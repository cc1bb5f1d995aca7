/* Wrong: keeps the sums in registers although they may lie inside the signal. */
#include <stddef.h>

void accum8(const double *x, size_t n, size_t lags, double *sums)
{
    for (size_t lag = 0; lag < lags; lag++) {
        double sum[8] = {0.0};
        for (size_t i = 0; i < n; i++)
            sum[i % 8] += x[i] * x[i + lag];
        for (size_t k = 0; k < 8; k++)
            sums[8 * lag + k] = sum[k];
    }
}
