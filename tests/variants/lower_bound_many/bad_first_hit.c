/* Wrong: stops at the first equal element it meets, which need not be the leftmost. */
#include <stddef.h>
#include <stdint.h>

static size_t search(const uint32_t *table, size_t n, uint32_t value)
{
    size_t low = 0;
    size_t high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table[middle] == value)
            return middle;
        if (table[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void lower_bound_many(const uint32_t *table, size_t n, const uint32_t *query, size_t m,
                      uint32_t *at)
{
    for (size_t i = 0; i < m; i++)
        at[i] = (uint32_t)search(table, n, query[i]);
}
