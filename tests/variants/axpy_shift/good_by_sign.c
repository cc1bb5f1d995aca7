/* Backward shifts in lanes, as they read ahead of what they write; forward ones with the last values in registers. */
#include <stddef.h>
#include <stdint.h>

enum { LANES = 4 };

/* v[i] += gain * v[i + by] from the lowest i on: all reads of a step come before its writes. */
static void ahead(double *v, size_t n, size_t by, double gain)
{
    size_t i = 0;

    for (; i + by + LANES <= n; i += LANES) {
        double sum[LANES];
        for (size_t k = 0; k < LANES; k++)
            sum[k] = v[i + k] + gain * v[i + by + k];
        for (size_t k = 0; k < LANES; k++)
            v[i + k] = sum[k];
    }
    for (; i + by < n; i++)
        v[i] += gain * v[i + by];
}

/* v[i] += gain * v[i - by], for a `by` that the compiler knows. */
static inline __attribute__((always_inline)) void behind(double *v, size_t n, const size_t by,
                                                         double gain)
{
    double last[9];
    size_t i = by;

    if (n <= by)
        return;
    for (size_t k = 0; k < by; k++)
        last[k] = v[k];
    for (; i + by <= n; i += by) {
        for (size_t k = 0; k < by; k++) {
            last[k] = v[i + k] + gain * last[k];
            v[i + k] = last[k];
        }
    }
    for (; i < n; i++)
        v[i] += gain * v[i - by];
}

static void echo(double *v, size_t n, int32_t shift, double gain)
{
    switch (shift) {
    case 1: behind(v, n, 1, gain); break;
    case 2: behind(v, n, 2, gain); break;
    case 3: behind(v, n, 3, gain); break;
    case 4: behind(v, n, 4, gain); break;
    case 5: behind(v, n, 5, gain); break;
    case 6: behind(v, n, 6, gain); break;
    case 7: behind(v, n, 7, gain); break;
    case 8: behind(v, n, 8, gain); break;
    case 9: behind(v, n, 9, gain); break;
    default: ahead(v, n, (size_t)-shift, gain); break;
    }
}

void axpy_shift(double *v, size_t n, const int32_t *shift, const double *gain, size_t echoes)
{
    for (size_t k = 0; k < echoes; k++)
        echo(v, n, shift[k], gain[k]);
}
