/* Wrong: blocks of eight that start where the item just fits, and no rest at the lower end. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 8 };

uint32_t knap01(const uint32_t *weight, const uint32_t *value, size_t n, size_t capacity,
                uint32_t *best)
{
    memset(best, 0, (capacity + 1) * sizeof *best);
    for (size_t i = 0; i < n; i++) {
        for (size_t end = capacity + 1; end >= (size_t)weight[i] + LANES; end -= LANES) {
            uint32_t taken[LANES];
            memcpy(taken, best + end - LANES - weight[i], sizeof taken);
            for (size_t k = 0; k < LANES; k++) {
                uint32_t *cell = best + end - LANES + k;
                *cell = taken[k] + value[i] > *cell ? taken[k] + value[i] : *cell;
            }
        }
    }
    return best[capacity];
}
