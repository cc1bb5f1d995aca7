/* Wrong: sorts and counts, which gives the keys in order but not the order of the tree. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

size_t bst_ops(const uint32_t *key, size_t n, uint32_t *order, uint32_t *times)
{
    size_t nodes = 0;

    if (n == 0)
        return 0;
    memcpy(order, key, n * sizeof *key);
    qsort(order, n, sizeof *order, ascending);
    for (size_t i = 0; i < n; i++) {
        if (nodes > 0 && order[nodes - 1] == order[i]) {
            times[nodes - 1]++;
        } else {
            order[nodes] = order[i];
            times[nodes++] = 1;
        }
    }
    for (size_t i = nodes; i < n; i++)
        order[i] = times[i] = 0;
    return nodes;
}
