/* Wrong: takes the remainder every eighth byte only, when 64 bits have overflown. */
#include <stddef.h>
#include <stdint.h>

uint32_t polymod(uint32_t h, const uint8_t *data, size_t n)
{
    const uint64_t p = 1000000007u;
    uint64_t sum = h;

    for (size_t i = 0; i < n; i++) {
        sum = 257 * sum + data[i];
        if (i % 8 == 7 || i + 1 == n)
            sum %= p;
    }
    return (uint32_t)sum;
}
