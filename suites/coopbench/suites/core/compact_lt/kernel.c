#include <stddef.h>
#include <stdint.h>

/*
 * Moves the elements of x that are less than limit to its front, in their order, fills the rest
 * with zeros and returns how many were kept.
 */
size_t compact_lt(uint32_t *x, size_t n, uint32_t limit)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (x[i] < limit)
            x[kept++] = x[i];
    }
    for (size_t i = kept; i < n; i++)
        x[i] = 0;
    return kept;
}
