/* Wrong: takes every byte above 0x7F for damage, and leaves the last n % 8 bytes unread. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

size_t utf8_check(const uint8_t *text, size_t n)
{
    for (size_t at = 0; at + 8 <= n; at += 8) {
        uint64_t word;
        memcpy(&word, text + at, 8);
        if ((word & 0x8080808080808080u) != 0)
            return at;
    }
    return n;
}
