/* Wrong: counts down by capacity - weight without a look at items that are too heavy. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

uint32_t knap01(const uint32_t *weight, const uint32_t *value, size_t n, size_t capacity,
                uint32_t *best)
{
    memset(best, 0, (capacity + 1) * sizeof *best);
    for (size_t i = 0; i < n; i++) {
        size_t steps = capacity - weight[i] + 1;
        for (size_t k = 0; k < steps; k++) {
            uint32_t taken = best[capacity - weight[i] - k] + value[i];
            if (taken > best[capacity - k])
                best[capacity - k] = taken;
        }
    }
    return best[capacity];
}
