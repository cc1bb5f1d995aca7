/* Wrong: queues sources as they come, although one may be named more often than the queue has room. */
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
        level[source[i]] = 0;
        queue[tail++] = source[i];
    }
    while (head < tail) {
        uint32_t from = queue[head++];
        for (uint32_t e = first[from]; e < first[from + 1]; e++) {
            if (level[to[e]] < 0) {
                level[to[e]] = level[from] + 1;
                queue[tail++] = to[e];
            }
        }
    }
}
