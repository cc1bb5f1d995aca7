/* Wrong: looks from the vertices without a level for a neighbour that has one, as if edges led both ways. */
#include <stddef.h>
#include <stdint.h>

void bfs_levels(size_t n, size_t m, const uint32_t *first, const uint32_t *to,
                const uint32_t *source, size_t s, int32_t *level, uint32_t *queue)
{
    (void)m;
    (void)queue;
    for (size_t v = 0; v < n; v++)
        level[v] = -1;
    for (size_t i = 0; i < s; i++)
        level[source[i]] = 0;
    int found = s > 0;
    for (int32_t depth = 0; found; depth++) {
        found = 0;
        for (size_t v = 0; v < n; v++) {
            for (uint32_t e = first[v]; level[v] < 0 && e < first[v + 1]; e++) {
                if (level[to[e]] == depth) {
                    level[v] = depth + 1;
                    found = 1;
                }
            }
        }
    }
}
