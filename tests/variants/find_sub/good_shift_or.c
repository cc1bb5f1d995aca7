/* Follows all partial matches in the bits of one word (Baeza-Yates and Gonnet 1992). */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

size_t find_sub(const uint8_t *text, size_t n, const uint8_t *needle, size_t m)
{
    uint64_t mismatch[256];
    size_t head = m < 64 ? m : 64;
    uint64_t state = ~(uint64_t)0;

    if (m > n)
        return n;
    if (m == 0)
        return 0;
    memset(mismatch, 0xFF, sizeof mismatch);
    for (size_t i = 0; i < head; i++)
        mismatch[needle[i]] &= ~((uint64_t)1 << i);
    for (size_t end = 0; end < n - (m - head); end++) {
        state = state << 1 | mismatch[text[end]];
        if ((state >> (head - 1) & 1) == 0) {
            size_t start = end + 1 - head;
            if (memcmp(text + start + head, needle + head, m - head) == 0)
                return start;
        }
    }
    return n;
}
