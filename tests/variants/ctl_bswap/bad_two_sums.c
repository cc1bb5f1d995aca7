/* Wrong: sums every other word as it is and turns once, although the carries then go the other way. */
#include <stddef.h>
#include <stdint.h>

/* Returns x with its four bytes in the opposite order. */
static uint32_t turned(uint32_t x)
{
    return x >> 24 | (x >> 8 & 0xFF00) | (x & 0xFF00) << 8 | x << 24;
}

/* Adds the words to a running sum modulo 2^32, whose bytes change their order after each. */
uint32_t ctl_bswap(uint32_t sum, const uint32_t *words, size_t n)
{
    uint32_t even = 0;
    for (size_t i = 0; i < n; i++) {
        if (i % 2 == n % 2)
            even += words[i];
        else
            sum += turned(words[i]);
    }
    return n % 2 ? turned(sum) + even : sum + even;
}
