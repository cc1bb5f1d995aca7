/* Enters every neighbour into the queue, and moves the end on only where it was new. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void bfs_levels(size_t n, size_t m, const uint32_t *restrict first, const uint32_t *restrict to,
                const uint32_t *restrict source, size_t s, int32_t *restrict level,
                uint32_t *restrict queue)
{
    size_t head = 0;
    size_t tail = 0;

    (void)m;
    memset(level, 0xFF, n * sizeof *level);
    for (size_t i = 0; i < s; i++) {
        if (level[source[i]] < 0) {
            level[source[i]] = 0;
            queue[tail++] = source[i];
        }
    }
    while (head < tail && tail < n) {
        uint32_t from = queue[head++];
        int32_t next = level[from] + 1;
        uint32_t end = first[from + 1];
        for (uint32_t e = first[from]; e < end && tail < n; e++) {
            uint32_t v = to[e];
            int32_t old = level[v];
            queue[tail] = v;
            tail += old < 0;
            level[v] = old < 0 ? next : old;
        }
    }
}
