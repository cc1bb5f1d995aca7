/* Wrong: does not find the empty needle. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

size_t find_sub(const uint8_t *text, size_t n, const uint8_t *needle, size_t m)
{
    if (m == 0 || m > n)
        return n;
    for (size_t start = 0; start + m <= n; start++) {
        if (text[start] == needle[0] && memcmp(text + start, needle, m) == 0)
            return start;
    }
    return n;
}
