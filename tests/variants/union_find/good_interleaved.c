/* Walks up from both ends at once and stops as soon as the paths meet (Rem's algorithm, with splicing). */
#include <stddef.h>
#include <stdint.h>

size_t union_find(size_t n, const uint32_t *a, const uint32_t *b, size_t m, uint32_t *label)
{
    size_t components = n;

    for (size_t v = 0; v < n; v++)
        label[v] = (uint32_t)v;
    for (size_t i = 0; i < m; i++) {
        uint32_t x = a[i];
        uint32_t y = b[i];
        while (label[x] != label[y]) {
            if (label[x] < label[y]) {
                uint32_t swap = x;
                x = y;
                y = swap;
            }
            uint32_t above = label[x]; /* the larger one of the two parents */
            label[x] = label[y];
            if (above == x) {
                components--;
                break;
            }
            x = above;
        }
    }
    for (size_t v = 0; v < n; v++)
        label[v] = label[label[v]];
    return components;
}
