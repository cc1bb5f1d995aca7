/* Wrong: compares as signed numbers. */
#include <stddef.h>
#include <stdint.h>

void lower_bound_many(const uint32_t *table, size_t n, const uint32_t *query, size_t m,
                      uint32_t *at)
{
    for (size_t i = 0; i < m; i++) {
        size_t low = 0;
        size_t high = n;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if ((int32_t)table[middle] < (int32_t)query[i])
                low = middle + 1;
            else
                high = middle;
        }
        at[i] = (uint32_t)low;
    }
}
