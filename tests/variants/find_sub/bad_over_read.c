/* Wrong: compares whole words and so reads past the ends of text and needle. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

size_t find_sub(const uint8_t *text, size_t n, const uint8_t *needle, size_t m)
{
    uint64_t want;
    uint64_t mask = m >= 8 ? ~(uint64_t)0 : ((uint64_t)1 << (8 * m)) - 1;

    memcpy(&want, needle, 8);
    for (size_t start = 0; start + m <= n; start++) {
        uint64_t have;
        memcpy(&have, text + start, 8);
        if (((have ^ want) & mask) == 0 && memcmp(text + start, needle, m) == 0)
            return start;
    }
    return n;
}
