/* Wrong: a 16-bit counter makes only n % 65536 steps. */
#include <stdint.h>

uint64_t chain_mix(uint64_t seed, uint64_t n)
{
    for (uint16_t left = (uint16_t)n; left > 0; left--) {
        seed = (seed ^ seed >> 31) * 0x9E3779B97F4A7C15u;
        seed = (seed ^ seed >> 27) * 0xD6E8FEB86659FD93u;
    }
    return seed;
}
