/* Wrong: starts from the first product instead of zero, so a sum of -0.0 stays -0.0. */
#include <stddef.h>

void fir_alias(const double *in, size_t n, const double *taps, size_t count, double *out)
{
    for (size_t i = 0; i < n; i++) {
        double sum = count > 0 ? taps[0] * in[i] : 0.0;
        for (size_t k = 1; k < count; k++)
            sum += taps[k] * in[i + k];
        out[i] = sum;
    }
}
