/* Wrong: turns the halves around, not the bytes. */
#include <stddef.h>
#include <stdint.h>

/* Returns x with its four bytes in the opposite order. */
static uint32_t turned(uint32_t x)
{
    return x >> 16 | x << 16;
}

/* Adds the words to a running sum modulo 2^32, whose bytes change their order after each. */
uint32_t ctl_bswap(uint32_t sum, const uint32_t *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum = turned(sum + words[i]);
    return sum;
}
