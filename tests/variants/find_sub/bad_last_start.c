/* Wrong: leaves out the last possible start. */
#include <stddef.h>
#include <stdint.h>

size_t find_sub(const uint8_t *text, size_t n, const uint8_t *needle, size_t m)
{
    for (size_t start = 0; start + m < n || (m == 0 && start <= n); start++) {
        size_t matched = 0;
        while (matched < m && text[start + matched] == needle[matched])
            matched++;
        if (matched == m)
            return start;
    }
    return n;
}
