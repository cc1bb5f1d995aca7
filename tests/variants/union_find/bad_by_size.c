/* Wrong: links the smaller tree below the larger one, so that the label is not the smallest vertex. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static uint32_t find(uint32_t *parent, uint32_t v)
{
    while (parent[v] != v) {
        parent[v] = parent[parent[v]];
        v = parent[v];
    }
    return v;
}

size_t union_find(size_t n, const uint32_t *a, const uint32_t *b, size_t m, uint32_t *label)
{
    uint32_t *size = malloc((n + 1) * sizeof *size);
    size_t components = n;

    if (size == NULL)
        abort();
    for (size_t v = 0; v < n; v++) {
        label[v] = (uint32_t)v;
        size[v] = 1;
    }
    for (size_t i = 0; i < m; i++) {
        uint32_t one = find(label, a[i]);
        uint32_t other = find(label, b[i]);
        if (one == other)
            continue;
        if (size[one] < size[other]) {
            uint32_t swap = one;
            one = other;
            other = swap;
        }
        label[other] = one;
        size[one] += size[other];
        components--;
    }
    for (size_t v = 0; v < n; v++)
        label[v] = find(label, (uint32_t)v);
    free(size);
    return components;
}
