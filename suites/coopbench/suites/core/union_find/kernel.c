#include <stddef.h>
#include <stdint.h>

/* Returns the root of v's tree. */
static uint32_t find(const uint32_t *parent, uint32_t v)
{
    while (parent[v] != v)
        v = parent[v];
    return v;
}

/*
 * Finds the connected components of a graph with the vertices 0 to n - 1 and an edge between a[i]
 * and b[i] for each i < m. label[v] becomes the smallest vertex that is connected to v. Returns
 * the number of components.
 */
size_t union_find(size_t n, const uint32_t *a, const uint32_t *b, size_t m, uint32_t *label)
{
    size_t components = n;

    for (size_t v = 0; v < n; v++)
        label[v] = (uint32_t)v;

    for (size_t i = 0; i < m; i++) {
        uint32_t one = find(label, a[i]);
        uint32_t other = find(label, b[i]);
        if (one == other)
            continue;
        if (one < other)
            label[other] = one;
        else
            label[one] = other;
        components--;
    }

    for (size_t v = 0; v < n; v++)
        label[v] = find(label, label[v]);
    return components;
}
