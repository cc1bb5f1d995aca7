#include <stddef.h>
#include <stdint.h>

/*
 * Returns the greatest total value of items whose weights add up to at most capacity; each of the
 * n items can be taken once. best is room for the greatest values at the capacities 0 to capacity.
 * The values of all items add up to less than 2^32.
 */
uint32_t knap01(const uint32_t *weight, const uint32_t *value, size_t n, size_t capacity,
                uint32_t *best)
{
    for (size_t room = 0; room <= capacity; room++)
        best[room] = 0;

    for (size_t i = 0; i < n; i++) {
        /* Downwards, so that best[room - weight[i]] is still without item i. */
        for (size_t room = capacity + 1; room-- > weight[i];) {
            uint32_t taken = best[room - weight[i]] + value[i];
            if (taken > best[room])
                best[room] = taken;
        }
    }
    return best[capacity];
}
