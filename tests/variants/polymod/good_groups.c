/* Takes four bytes a step with the powers of the base, and one remainder for them. */
#include <stddef.h>
#include <stdint.h>

uint32_t polymod(uint32_t h, const uint8_t *data, size_t n)
{
    const uint64_t p = 1000000007u;
    const uint64_t b2 = 257u * 257u;
    const uint64_t b3 = b2 * 257u;
    const uint64_t b4 = b3 * 257u % p;
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        uint64_t group = data[i] * b3 + data[i + 1] * b2 + data[i + 2] * 257u + data[i + 3];
        h = (uint32_t)((h * b4 + group) % p);
    }
    for (; i < n; i++)
        h = (uint32_t)((257 * (uint64_t)h + data[i]) % p);
    return h;
}
