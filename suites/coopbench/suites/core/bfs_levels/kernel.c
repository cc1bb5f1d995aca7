#include <stddef.h>
#include <stdint.h>

/*
 * Breadth-first search from s vertices at once in a directed graph of n vertices: level[v] becomes
 * the number of edges on the shortest way from the nearest source to v, or -1 if there is no way.
 * The edges of vertex v lead to[first[v]] to to[first[v + 1] - 1]. queue is room for n vertices.
 */
void bfs_levels(size_t n, size_t m, const uint32_t *first, const uint32_t *to,
                const uint32_t *source, size_t s, int32_t *level, uint32_t *queue)
{
    size_t head = 0;
    size_t tail = 0;

    (void)m; /* equals first[n] */
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
        for (uint32_t e = first[from]; e < first[from + 1]; e++) {
            if (level[to[e]] < 0) {
                level[to[e]] = level[from] + 1;
                queue[tail++] = to[e];
            }
        }
    }
}
