/* Eight outputs side by side where none is an input of a later one, else one by one. */
#include <stddef.h>
#include <stdint.h>

enum { LANES = 8 };

/* True if no output is written where a later sum reads: it lies before the input, or beyond it. */
static int is_behind(const double *in, size_t n, const double *out)
{
    uintptr_t from = (uintptr_t)in;
    uintptr_t to = (uintptr_t)out;
    return to <= from || to >= from + n * sizeof *in;
}

void fir_alias(const double *in, size_t n, const double *taps, size_t count, double *out)
{
    size_t i = 0;

    if (is_behind(in, n + count, out)) {
        for (; i + LANES <= n; i += LANES) {
            double sum[LANES] = {0.0};
            for (size_t k = 0; k < count; k++) {
                for (size_t lane = 0; lane < LANES; lane++)
                    sum[lane] += taps[k] * in[i + k + lane];
            }
            for (size_t lane = 0; lane < LANES; lane++)
                out[i + lane] = sum[lane];
        }
    }
    for (; i < n; i++) {
        double sum = 0.0;
        for (size_t k = 0; k < count; k++)
            sum += taps[k] * in[i + k];
        out[i] = sum;
    }
}
