/* Path halving; each root still goes below the smaller one. */
#include <stddef.h>
#include <stdint.h>

static inline uint32_t find(uint32_t *parent, uint32_t v)
{
    while (parent[v] != v) {
        uint32_t above = parent[parent[v]];
        parent[v] = above;
        v = above;
    }
    return v;
}

size_t union_find(size_t n, const uint32_t *a, const uint32_t *b, size_t m, uint32_t *label)
{
    size_t components = n;

    for (size_t v = 0; v < n; v++)
        label[v] = (uint32_t)v;
    for (size_t i = 0; i < m; i++) {
        uint32_t one = find(label, a[i]);
        uint32_t other = find(label, b[i]);
        uint32_t low = one < other ? one : other;
        label[one ^ other ^ low] = low;
        components -= one != other;
    }
    for (size_t v = 0; v < n; v++)
        label[v] = label[label[v]]; /* the parent is smaller, so it is final already */
    return components;
}
