/* Wrong: reads four sources before any of the four is updated. */
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
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        uint32_t read[4] = {a[source[i]], a[source[i + 1]], a[source[i + 2]], a[source[i + 3]]};
        for (size_t k = 0; k < 4; k++)
            a[i + k] += mix(read[k]);
    }
    for (; i < n; i++)
        a[i] += mix(a[source[i]]);
}
