/* Wrong: runs from the end, which is right only where the output lies behind the input. */
#include <stddef.h>

void fir_alias(const double *in, size_t n, const double *taps, size_t count, double *out)
{
    for (size_t i = n; i-- > 0;) {
        double sum = 0.0;
        for (size_t k = 0; k < count; k++)
            sum += taps[k] * in[i + k];
        out[i] = sum;
    }
}
