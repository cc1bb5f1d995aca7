/* Wrong: takes the list for full when one word does not fit, though a shorter one still might. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

size_t str_build(const uint8_t *text, size_t n, uint8_t *out, size_t size)
{
    size_t left_out = 0;
    size_t end = 0;
    int full = 0;

    memset(out, 0, size);
    for (size_t start = 0; start < n;) {
        size_t stop = start;
        while (stop < n && text[stop] != ' ')
            stop++;
        size_t length = stop - start;
        size_t comma = end > 0;
        if (length > 0 && (full || end + comma + length + 1 > size)) {
            full = 1;
            left_out++;
        } else if (length > 0) {
            if (comma)
                out[end++] = ',';
            memcpy(out + end, text + start, length);
            end += length;
        }
        start = stop + 1;
    }
    return left_out;
}
