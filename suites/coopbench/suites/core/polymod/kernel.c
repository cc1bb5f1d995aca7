#include <stddef.h>
#include <stdint.h>

/*
 * Carries a polynomial hash on over data: for every byte, h = (257 * h + byte) mod 1000000007.
 * Any h is allowed, also one that is not reduced; with no data it is returned as it is.
 */
uint32_t polymod(uint32_t h, const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (uint32_t)((257 * (uint64_t)h + data[i]) % 1000000007u);
    return h;
}
