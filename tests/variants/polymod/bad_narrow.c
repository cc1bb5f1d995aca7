/* Wrong: the product with the base is taken in 32 bits. */
#include <stddef.h>
#include <stdint.h>

uint32_t polymod(uint32_t h, const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (257 * h + data[i]) % 1000000007u;
    return h;
}
