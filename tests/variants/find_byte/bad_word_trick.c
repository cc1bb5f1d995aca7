/* Wrong: takes the highest flag of a word, but the trick for zero bytes may flag a neighbour of the first. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

size_t find_byte(const uint8_t *data, size_t n, uint8_t byte)
{
    const uint64_t ones = 0x0101010101010101u;
    size_t i = 0;

    for (; i + 8 <= n; i += 8) {
        uint64_t word;
        memcpy(&word, data + i, 8);
        word ^= ones * byte;
        uint64_t zero = (word - ones) & ~word & (ones << 7);
        if (zero != 0)
            return i + 7 - (size_t)__builtin_clzll(zero) / 8;
    }
    while (i < n && data[i] != byte)
        i++;
    return i;
}
