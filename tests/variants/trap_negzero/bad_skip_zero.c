/* Wrong: skips channels whose gain is zero; 0 times infinity or NaN is NaN. */
#include <stddef.h>

/*
 * Mixes ins channels down to outs: out[f * outs + o] = 0.0 + gain[o * ins] * in[f * ins]
 * + gain[o * ins + 1] * in[f * ins + 1] + ..., summed from left to right, for each of the frames f.
 */
void trap_negzero(const double *in, size_t frames, const double *gain, size_t ins, size_t outs,
                  double *out)
{
    for (size_t f = 0; f < frames; f++) {
        for (size_t o = 0; o < outs; o++) {
            double sum = 0.0;
            for (size_t i = 0; i < ins; i++) {
                if (gain[o * ins + i] != 0.0)
                    sum += gain[o * ins + i] * in[f * ins + i];
            }
            out[f * outs + o] = sum;
        }
    }
}
