/* Sums eight outputs of a frame side by side in vector lanes, with their gains turned around. */
#include <stddef.h>
#include <string.h>

enum { MOST = 200 };

typedef double pair __attribute__((vector_size(16)));

static void plain(const double *in, size_t frames, const double *gain, size_t ins, size_t outs,
                  size_t first, double *out)
{
    for (size_t f = 0; f < frames; f++) {
        for (size_t o = first; o < outs; o++) {
            double sum = 0.0;
            for (size_t i = 0; i < ins; i++)
                sum += gain[o * ins + i] * in[f * ins + i];
            out[f * outs + o] = sum;
        }
    }
}

void trap_negzero(const double *in, size_t frames, const double *gain, size_t ins, size_t outs,
                  double *out)
{
    pair turned[MOST][4];
    size_t first = 0;

    for (; first + 8 <= outs; first += 8) {
        const double *g = gain + first * ins;
        for (size_t i = 0; i < ins; i++) {
            for (size_t k = 0; k < 4; k++)
                turned[i][k] = (pair){g[2 * k * ins + i], g[(2 * k + 1) * ins + i]};
        }
        for (size_t f = 0; f < frames; f++) {
            pair sum[4] = {{0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}};
            for (size_t i = 0; i < ins; i++) {
                double x = in[f * ins + i];
                for (size_t k = 0; k < 4; k++)
                    sum[k] += turned[i][k] * (pair){x, x};
            }
            memcpy(out + f * outs + first, sum, sizeof sum);
        }
    }
    plain(in, frames, gain, ins, outs, first, out);
}
