/* Wrong: also lists the empty words between two spaces. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

size_t str_build(const uint8_t *text, size_t n, uint8_t *out, size_t size)
{
    size_t left_out = 0;
    size_t end = 0;

    memset(out, 0, size);
    for (size_t start = 0; start < n;) {
        size_t stop = start;
        while (stop < n && text[stop] != ' ')
            stop++;
        size_t length = stop - start;
        size_t comma = end > 0;
        if (end + comma + length + 1 > size) {
            left_out++;
        } else {
            if (comma)
                out[end++] = ',';
            memcpy(out + end, text + start, length);
            end += length;
        }
        start = stop + 1;
    }
    return left_out;
}
