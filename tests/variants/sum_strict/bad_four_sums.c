/* Wrong: four accumulators, added at the end, reassociate the sum. */
#include <stddef.h>

void sum_strict(const double *x, size_t n, size_t window, double *sums)
{
    for (size_t i = 0; i < n; i++) {
        double sum[4] = {0.0, 0.0, 0.0, 0.0};
        size_t k = 0;
        for (; k + 4 <= window; k += 4) {
            for (size_t lane = 0; lane < 4; lane++)
                sum[lane] += x[i + k + lane];
        }
        double total = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        for (; k < window; k++)
            total += x[i + k];
        sums[i] = total;
    }
}
