/* Wrong: the branch-free search reads the first element of a table that may be empty. */
#include <stddef.h>
#include <stdint.h>

void lower_bound_many(const uint32_t *table, size_t n, const uint32_t *query, size_t m,
                      uint32_t *at)
{
    for (size_t i = 0; i < m; i++) {
        const uint32_t *base = table;
        for (size_t length = n; length > 1;) {
            size_t half = length / 2;
            base += (base[half - 1] < query[i]) * half;
            length -= half;
        }
        at[i] = (uint32_t)(base - table) + (*base < query[i]);
    }
}
