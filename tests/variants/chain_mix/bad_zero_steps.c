/* Wrong: makes a step even if none is asked for. */
#include <stdint.h>

uint64_t chain_mix(uint64_t seed, uint64_t n)
{
    do {
        seed = (seed ^ seed >> 31) * 0x9E3779B97F4A7C15u;
        seed = (seed ^ seed >> 27) * 0xD6E8FEB86659FD93u;
    } while (n-- > 1);
    return seed;
}
