/* Wrong: takes the items that are worth most for their weight first. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

uint32_t knap01(const uint32_t *weight, const uint32_t *value, size_t n, size_t capacity,
                uint32_t *best)
{
    uint8_t *used = calloc(n + 1, 1);
    uint32_t total = 0;

    (void)best;
    if (used == NULL)
        abort();
    for (;;) {
        size_t pick = n;
        for (size_t i = 0; i < n; i++) {
            if (used[i] || weight[i] > capacity)
                continue;
            if (pick == n ||
                (uint64_t)value[i] * weight[pick] > (uint64_t)value[pick] * weight[i])
                pick = i;
        }
        if (pick == n)
            break;
        used[pick] = 1;
        capacity -= weight[pick];
        total += value[pick];
    }
    free(used);
    return total;
}
