/*
 * Beyond the end of the sums, if they lie in the signal at all, no later input is written: from
 * there on the eight sums of a lag are four vectors in registers, and two lags share their loads.
 */
#include <stddef.h>
#include <stdint.h>

typedef double Pair __attribute__((vector_size(16), aligned(8)));

enum { PHASES = 8, PAIRS = PHASES / 2 };

static void one_by_one(const double *x, size_t from, size_t to, size_t lag, double *sums)
{
    for (size_t i = from; i < to; i++)
        sums[PHASES * lag + i % PHASES] += x[i] * x[i + lag];
}

/* Adds the periods from x[from] to x[to - 1] (both at phase 0) for `lags` successive lags. */
static inline __attribute__((always_inline)) void
periods(const double *restrict x, size_t from, size_t to, size_t lag, double *restrict sums,
        const size_t lags)
{
    Pair sum[2][PAIRS];

    for (size_t l = 0; l < lags; l++) {
        for (size_t p = 0; p < PAIRS; p++)
            sum[l][p] = *(const Pair *)(sums + PHASES * (lag + l) + 2 * p);
    }
    for (size_t i = from; i < to; i += PHASES) {
        for (size_t p = 0; p < PAIRS; p++) {
            Pair here = *(const Pair *)(x + i + 2 * p);
            for (size_t l = 0; l < lags; l++)
                sum[l][p] += here * *(const Pair *)(x + i + 2 * p + lag + l);
        }
    }
    for (size_t l = 0; l < lags; l++) {
        for (size_t p = 0; p < PAIRS; p++)
            *(Pair *)(sums + PHASES * (lag + l) + 2 * p) = sum[l][p];
    }
}

/* Index of the first element from which on the signal holds no sums. */
static size_t clear_from(const double *x, size_t length, const double *sums, size_t count)
{
    uintptr_t signal = (uintptr_t)x, end = (uintptr_t)(sums + count);

    if (end <= signal || (uintptr_t)(x + length) <= (uintptr_t)sums)
        return 0;
    return (end - signal) / sizeof *x;
}

void accum8(const double *x, size_t n, size_t lags, double *sums)
{
    size_t clear = clear_from(x, n + lags, sums, PHASES * lags);
    size_t from = (clear + PHASES - 1) / PHASES * PHASES;
    size_t to = n / PHASES * PHASES;
    size_t lag = 0;

    for (size_t at = 0; at < PHASES * lags; at++)
        sums[at] = 0.0;
    if (clear == 0) {
        for (; lag + 2 <= lags; lag += 2) {
            periods(x, 0, to, lag, sums, 2);
            one_by_one(x, to, n, lag, sums);
            one_by_one(x, to, n, lag + 1, sums);
        }
    }
    for (; lag < lags; lag++) {
        size_t begin = from < to ? from : 0, end = from < to ? to : 0;
        one_by_one(x, 0, begin, lag, sums);
        periods(x, begin, end, lag, sums, 1);
        one_by_one(x, end, n, lag, sums);
    }
}
