/* Eight capacities at a time, all read before any is written. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 8 };

static void take(uint32_t *best, size_t capacity, size_t weight, uint32_t value)
{
    size_t end = capacity + 1;

    for (; end >= weight + LANES; end -= LANES) {
        uint32_t taken[LANES];
        uint32_t left[LANES];
        memcpy(taken, best + end - LANES - weight, sizeof taken);
        memcpy(left, best + end - LANES, sizeof left);
        for (int k = 0; k < LANES; k++) {
            taken[k] += value;
            left[k] = taken[k] > left[k] ? taken[k] : left[k];
        }
        memcpy(best + end - LANES, left, sizeof left);
    }
    for (; end > weight; end--) {
        uint32_t taken = best[end - 1 - weight] + value;
        best[end - 1] = taken > best[end - 1] ? taken : best[end - 1];
    }
}

uint32_t knap01(const uint32_t *weight, const uint32_t *value, size_t n, size_t capacity,
                uint32_t *best)
{
    memset(best, 0, (capacity + 1) * sizeof *best);
    for (size_t i = 0; i < n; i++)
        take(best, capacity, weight[i], value[i]);
    return best[capacity];
}
