/* Wrong: takes the lower bits, which have a short period. */
#include <stdint.h>

/*
 * Draws n points from a linear congruential generator modulo 2^32 and returns for how many of them
 * x * x + y * y is less than the limit. Each step of the generator makes a coordinate of its 15
 * upper bits, first x, then y.
 */
uint32_t mc_hits(uint32_t seed, uint32_t limit, uint32_t n)
{
    uint32_t state = seed;
    uint32_t hits = 0;

    for (uint32_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        uint32_t x = state & 0x7FFF;
        state = state * 1664525u + 1013904223u;
        uint32_t y = state & 0x7FFF;
        if (x * x + y * y < limit)
            hits++;
    }
    return hits;
}
