/* Wrong: unrolled by four; the last n % 4 steps are left out. */
#include <stdint.h>

static uint64_t mix(uint64_t state)
{
    state = (state ^ state >> 31) * 0x9E3779B97F4A7C15u;
    return (state ^ state >> 27) * 0xD6E8FEB86659FD93u;
}

uint64_t chain_mix(uint64_t seed, uint64_t n)
{
    for (; n >= 4; n -= 4)
        seed = mix(mix(mix(mix(seed))));
    return seed;
}
