#include <stddef.h>
#include <stdint.h>

/*
 * Returns the index of the first occurrence of needle (m bytes) in text (n bytes), or n if there
 * is none. The empty needle occurs at index 0.
 */
size_t find_sub(const uint8_t *text, size_t n, const uint8_t *needle, size_t m)
{
    for (size_t start = 0; start + m <= n; start++) {
        size_t matched = 0;
        while (matched < m && text[start + matched] == needle[matched])
            matched++;
        if (matched == m)
            return start;
    }
    return n;
}
