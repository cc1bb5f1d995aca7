/* Wrong: takes the newest vertex first, so that levels are lengths of some ways, not the shortest. */
#include <stddef.h>
#include <stdint.h>

void bfs_levels(size_t n, size_t m, const uint32_t *first, const uint32_t *to,
                const uint32_t *source, size_t s, int32_t *level, uint32_t *queue)
{
    size_t tail = 0;

    (void)m;
    for (size_t v = 0; v < n; v++)
        level[v] = -1;
    for (size_t i = 0; i < s; i++) {
        if (level[source[i]] < 0) {
            level[source[i]] = 0;
            queue[tail++] = source[i];
        }
    }
    while (tail > 0) {
        uint32_t from = queue[--tail];
        for (uint32_t e = first[from]; e < first[from + 1]; e++) {
            if (level[to[e]] < 0) {
                level[to[e]] = level[from] + 1;
                queue[tail++] = to[e];
            }
        }
    }
}
