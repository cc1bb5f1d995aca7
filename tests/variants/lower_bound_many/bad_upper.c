/* Wrong: counts the elements that are equal to the query as well. */
#include <stddef.h>
#include <stdint.h>

void lower_bound_many(const uint32_t *table, size_t n, const uint32_t *query, size_t m,
                      uint32_t *at)
{
    for (size_t i = 0; i < m; i++) {
        size_t low = 0;
        size_t length = n;
        while (length > 0) {
            size_t half = length / 2;
            if (table[low + half] <= query[i]) {
                low += half + 1;
                length -= half + 1;
            } else {
                length = half;
            }
        }
        at[i] = (uint32_t)low;
    }
}
