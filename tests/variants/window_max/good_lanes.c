/* Eight windows side by side, each in its order with the operands of the reference. */
#include <stddef.h>

enum { LANES = 8 };

void window_max(const double *restrict x, size_t n, size_t window, double *restrict best)
{
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        double greatest[LANES];
        for (size_t lane = 0; lane < LANES; lane++)
            greatest[lane] = x[i + lane];
        for (size_t k = 1; k < window; k++) {
            for (size_t lane = 0; lane < LANES; lane++) {
                double next = x[i + k + lane];
                greatest[lane] = next > greatest[lane] ? next : greatest[lane];
            }
        }
        for (size_t lane = 0; lane < LANES; lane++)
            best[i + lane] = greatest[lane];
    }
    for (; i < n; i++) {
        double greatest = x[i];
        for (size_t k = 1; k < window; k++)
            greatest = x[i + k] > greatest ? x[i + k] : greatest;
        best[i] = greatest;
    }
}
