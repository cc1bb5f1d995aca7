/* Tests the first and last byte of 32 starts at once, and compares only where both fit. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK = 32 };

static int may_start(const uint8_t *head, const uint8_t *tail, uint8_t first, uint8_t last)
{
    uint8_t any = 0;

    for (size_t i = 0; i < BLOCK; i++)
        any |= (uint8_t)((head[i] == first) & (tail[i] == last));
    return any;
}

size_t find_sub(const uint8_t *text, size_t n, const uint8_t *needle, size_t m)
{
    if (m > n)
        return n;
    if (m == 0)
        return 0;
    size_t starts = n - m + 1;
    size_t start = 0;
    while (start < starts) {
        size_t stop = starts;
        if (start + BLOCK <= starts) {
            stop = start + BLOCK;
            if (!may_start(text + start, text + start + m - 1, needle[0], needle[m - 1])) {
                start = stop;
                continue;
            }
        }
        for (; start < stop; start++) {
            if (text[start] == needle[0] && text[start + m - 1] == needle[m - 1] &&
                memcmp(text + start, needle, m) == 0)
                return start;
        }
    }
    return n;
}
