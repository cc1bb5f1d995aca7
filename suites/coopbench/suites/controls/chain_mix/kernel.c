#include <stdint.h>

/* Returns the state of a xorshift-multiply generator n steps after seed. */
uint64_t chain_mix(uint64_t seed, uint64_t n)
{
    uint64_t state = seed;

    for (uint64_t i = 0; i < n; i++) {
        state ^= state >> 31;
        state *= 0x9E3779B97F4A7C15u;
        state ^= state >> 27;
        state *= 0xD6E8FEB86659FD93u;
    }
    return state;
}
