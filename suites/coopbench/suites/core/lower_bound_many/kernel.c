#include <stddef.h>
#include <stdint.h>

/* Returns the number of elements of the sorted table that are less than value. */
static size_t lower_bound(const uint32_t *table, size_t n, uint32_t value)
{
    size_t low = 0;
    size_t high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/*
 * Finds for each of the m queries where it would be inserted into the sorted table of n elements:
 * at[i] is the number of elements that are less than query[i].
 */
void lower_bound_many(const uint32_t *table, size_t n, const uint32_t *query, size_t m,
                      uint32_t *at)
{
    for (size_t i = 0; i < m; i++)
        at[i] = (uint32_t)lower_bound(table, n, query[i]);
}
