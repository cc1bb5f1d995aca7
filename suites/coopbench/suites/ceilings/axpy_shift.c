/*
 * Four echoes at a time in tiles of the signal: each follows the one before at a distance that no
 * shift can bridge, so that their chains of additions overlap in the processor. Within a tile, a
 * shift that the compiler knows keeps the values that come back in registers; one that reads ahead
 * of what it writes fills lanes.
 */
#include <stddef.h>
#include <stdint.h>

enum { LANES = 4, LONGEST = 9, ECHOES = 4, TILE = 64, BEHIND = TILE + LONGEST };

/* v[i] += gain * v[i + by] for i from `from` below `to`; all reads of a step precede its writes. */
static void ahead(double *v, ptrdiff_t from, ptrdiff_t to, ptrdiff_t by, double gain)
{
    ptrdiff_t i = from;

    for (; i + LANES <= to; i += LANES) {
        double sum[LANES];
        for (ptrdiff_t k = 0; k < LANES; k++)
            sum[k] = v[i + k] + gain * v[i + by + k];
        for (ptrdiff_t k = 0; k < LANES; k++)
            v[i + k] = sum[k];
    }
    for (; i < to; i++)
        v[i] += gain * v[i + by];
}

/* v[i] += gain * v[i - by] for i from `from` below `to`. */
static inline __attribute__((always_inline)) void
behind(double *v, ptrdiff_t from, ptrdiff_t to, const ptrdiff_t by, double gain)
{
    double last[LONGEST];
    ptrdiff_t i = from;

    if (from >= to)
        return;
    for (ptrdiff_t k = 0; k < by; k++)
        last[k] = v[i - by + k];
    for (; i + by <= to; i += by) {
        for (ptrdiff_t k = 0; k < by; k++) {
            last[k] = v[i + k] + gain * last[k];
            v[i + k] = last[k];
        }
    }
    for (; i < to; i++)
        v[i] += gain * v[i - by];
}

/* The part of one echo that lies from `from` to `to`, as far as its source exists. */
static void echo(double *v, ptrdiff_t n, ptrdiff_t from, ptrdiff_t to, int32_t shift, double gain)
{
    ptrdiff_t first = shift > 0 ? shift : 0, last = shift < 0 ? n + shift : n;

    from = from > first ? from : first;
    to = to < last ? to : last;
    switch (shift) {
    case 1: behind(v, from, to, 1, gain); break;
    case 2: behind(v, from, to, 2, gain); break;
    case 3: behind(v, from, to, 3, gain); break;
    case 4: behind(v, from, to, 4, gain); break;
    case 5: behind(v, from, to, 5, gain); break;
    case 6: behind(v, from, to, 6, gain); break;
    case 7: behind(v, from, to, 7, gain); break;
    case 8: behind(v, from, to, 8, gain); break;
    case 9: behind(v, from, to, 9, gain); break;
    default: ahead(v, from, to, -(ptrdiff_t)shift, gain); break;
    }
}

void axpy_shift(double *v, size_t n, const int32_t *shift, const double *gain, size_t echoes)
{
    ptrdiff_t size = (ptrdiff_t)n;

    for (size_t k = 0; k < echoes; k += ECHOES) {
        size_t some = echoes - k < ECHOES ? echoes - k : ECHOES;
        for (ptrdiff_t at = 0; at < size + BEHIND * (ptrdiff_t)(some - 1); at += TILE) {
            for (size_t e = 0; e < some; e++) {
                ptrdiff_t from = at - BEHIND * (ptrdiff_t)e;
                echo(v, size, from, from + TILE, shift[k + e], gain[k + e]);
            }
        }
    }
}
