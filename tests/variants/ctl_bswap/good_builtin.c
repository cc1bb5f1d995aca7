/* The builtin for the byte order, four words a step. */
#include <stddef.h>
#include <stdint.h>

uint32_t ctl_bswap(uint32_t sum, const uint32_t *words, size_t n)
{
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        sum = __builtin_bswap32(sum + words[i]);
        sum = __builtin_bswap32(sum + words[i + 1]);
        sum = __builtin_bswap32(sum + words[i + 2]);
        sum = __builtin_bswap32(sum + words[i + 3]);
    }
    for (; i < n; i++)
        sum = __builtin_bswap32(sum + words[i]);
    return sum;
}
