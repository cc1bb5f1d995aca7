/* One pass over the data for every four passes of the reference, an accumulator each. */
#include <stddef.h>
#include <stdint.h>

enum { STAGES = 4 };

static void four_passes(uint32_t *x, size_t n)
{
    uint32_t sum[STAGES] = {0};

    for (size_t i = 0; i < n; i++) {
        uint32_t value = x[i];
        for (size_t stage = 0; stage < STAGES; stage++)
            value = sum[stage] += value;
        x[i] = value;
    }
}

static void one_pass(uint32_t *x, size_t n)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < n; i++)
        x[i] = sum += x[i];
}

void scan_wrap(uint32_t *x, size_t n, uint32_t order)
{
    for (; order >= STAGES; order -= STAGES)
        four_passes(x, n);
    for (; order > 0; order--)
        one_pass(x, n);
}
