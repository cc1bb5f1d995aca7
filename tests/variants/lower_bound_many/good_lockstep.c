/* Searches for eight queries at a time, without branches: eight loads are under way at once. */
#include <stddef.h>
#include <stdint.h>

enum { LANES = 8 };

static void search(const uint32_t *table, size_t n, const uint32_t *query, size_t lanes, uint32_t *at)
{
    const uint32_t *base[LANES];

    for (size_t k = 0; k < lanes; k++)
        base[k] = table;
    size_t length = n;
    while (length > 1) {
        size_t half = length / 2;
        for (size_t k = 0; k < lanes; k++)
            base[k] += (base[k][half - 1] < query[k]) * half;
        length -= half;
    }
    for (size_t k = 0; k < lanes; k++)
        at[k] = (uint32_t)(base[k] - table) + (n > 0 && *base[k] < query[k]);
}

void lower_bound_many(const uint32_t *table, size_t n, const uint32_t *query, size_t m,
                      uint32_t *at)
{
    size_t i = 0;

    for (; i + LANES <= m; i += LANES)
        search(table, n, query + i, LANES, at + i);
    search(table, n, query + i, m - i, at + i);
}
