/* Wrong: takes a start value from 2^31 on for a negative number. */
#include <stddef.h>
#include <stdint.h>

uint32_t polymod(uint32_t h, const uint8_t *data, size_t n)
{
    const int64_t p = 1000000007;
    int64_t sum = (int32_t)h;

    for (size_t i = 0; i < n; i++)
        sum = (257 * sum + data[i]) % p;
    return (uint32_t)sum;
}
