/* Wrong: restarts behind a partial match and misses an occurrence that begins inside it. */
#include <stddef.h>
#include <stdint.h>

size_t find_sub(const uint8_t *text, size_t n, const uint8_t *needle, size_t m)
{
    size_t start = 0;

    while (start + m <= n) {
        size_t matched = 0;
        while (matched < m && text[start + matched] == needle[matched])
            matched++;
        if (matched == m)
            return start;
        start += matched + 1;
    }
    return n;
}
