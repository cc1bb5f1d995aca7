#include <stddef.h>

/*
 * Filters `in`: out[i] = taps[0] * in[i] + ... + taps[count - 1] * in[i + count - 1], added from
 * left to right, for i from 0 to n - 1. The output may overlap the input; what was written then
 * counts as input for the later elements.
 */
void fir_alias(const double *in, size_t n, const double *taps, size_t count, double *out)
{
    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (size_t k = 0; k < count; k++)
            sum += taps[k] * in[i + k];
        out[i] = sum;
    }
}
