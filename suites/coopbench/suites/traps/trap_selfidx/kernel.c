#include <stddef.h>
#include <stdint.h>

static uint32_t mix(uint32_t x)
{
    x ^= x >> 15;
    x *= 0x2C1B3C6Du;
    x ^= x >> 12;
    x *= 0x297A2D39u;
    x ^= x >> 15;
    return x;
}

/*
 * Adds to each a[i] in turn, from the first to the last, the mixed value of a[source[i]] as it is
 * then. An index may occur several times, point at i itself, or at elements done or still to do.
 */
void trap_selfidx(uint32_t *a, const uint32_t *source, size_t n)
{
    for (size_t i = 0; i < n; i++)
        a[i] += mix(a[source[i]]);
}
