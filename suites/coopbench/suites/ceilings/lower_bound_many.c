/*
 * Expert version: the queries go through the table sixteen at a time and without branches, so
 * that their loads overlap; a sample of every 64th element, which stays in the first-level cache,
 * takes the upper half of the steps.
 */
#include <stddef.h>
#include <stdint.h>

enum { LANES = 16, STEP = 64, MOST = 4096 };

/* Adds to at[k] the number of elements of t[at[k]..at[k] + length) below query[k]; length > 0. */
static inline __attribute__((always_inline)) void narrow(const uint32_t *t, size_t length,
                                                         const uint32_t *query, uint32_t *at)
{
    while (length > 1) {
        size_t half = length / 2;
        for (int k = 0; k < LANES; k++)
            at[k] += t[at[k] + half - 1] < query[k] ? (uint32_t)half : 0;
        length -= half;
    }
    for (int k = 0; k < LANES; k++)
        at[k] += t[at[k]] < query[k];
}

static void search(const uint32_t *table, size_t n, const uint32_t *sample, size_t samples,
                   const uint32_t *query, uint32_t *at)
{
    uint32_t place[LANES] = {0};

    if (samples == 0) {
        narrow(table, n, query, place);
    } else {
        narrow(sample, samples, query, place);
        /* The last STEP elements overlap the window before: it must not pass the end. */
        for (int k = 0; k < LANES; k++) {
            place[k] *= STEP;
            if (place[k] + STEP > n)
                place[k] = (uint32_t)(n - STEP);
        }
        narrow(table, STEP, query, place);
    }
    for (int k = 0; k < LANES; k++)
        at[k] = place[k];
}

void lower_bound_many(const uint32_t *table, size_t n, const uint32_t *query, size_t m,
                      uint32_t *at)
{
    uint32_t sample[MOST];
    size_t samples = 0;
    size_t i = 0;

    if (n == 0) {
        for (; i < m; i++)
            at[i] = 0;
        return;
    }
    /* sample[j] is the last element of the j-th window of STEP. */
    if (n >= 16 * STEP && n / STEP <= MOST && m >= 1000) {
        samples = n / STEP;
        for (size_t j = 0; j < samples; j++)
            sample[j] = table[j * STEP + STEP - 1];
    }
    for (; i + LANES <= m; i += LANES)
        search(table, n, sample, samples, query + i, at + i);
    if (i < m) {
        uint32_t last[LANES] = {0};
        uint32_t found[LANES];
        for (size_t k = 0; k < m - i; k++)
            last[k] = query[i + k];
        search(table, n, sample, samples, last, found);
        for (size_t k = 0; k < m - i; k++)
            at[i + k] = found[k];
    }
}
