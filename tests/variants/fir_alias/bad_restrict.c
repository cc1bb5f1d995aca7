/* Wrong: sums eight outputs side by side as if the arrays never overlapped. */
#include <stddef.h>

enum { LANES = 8 };

void fir_alias(const double *restrict in, size_t n, const double *restrict taps, size_t count,
               double *restrict out)
{
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        double sum[LANES] = {0.0};
        for (size_t k = 0; k < count; k++) {
            for (size_t lane = 0; lane < LANES; lane++)
                sum[lane] += taps[k] * in[i + k + lane];
        }
        for (size_t lane = 0; lane < LANES; lane++)
            out[i + lane] = sum[lane];
    }
    for (; i < n; i++) {
        double sum = 0.0;
        for (size_t k = 0; k < count; k++)
            sum += taps[k] * in[i + k];
        out[i] = sum;
    }
}
