/* Wrong: enters every neighbour into the queue, also behind the last of n places. */
#include <stddef.h>
#include <stdint.h>

void bfs_levels(size_t n, size_t m, const uint32_t *first, const uint32_t *to,
                const uint32_t *source, size_t s, int32_t *level, uint32_t *queue)
{
    size_t head = 0;
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
    while (head < tail) {
        uint32_t from = queue[head++];
        int32_t next = level[from] + 1;
        for (uint32_t e = first[from]; e < first[from + 1]; e++) {
            int32_t old = level[to[e]];
            queue[tail] = to[e];
            tail += old < 0;
            level[to[e]] = old < 0 ? next : old;
        }
    }
}
