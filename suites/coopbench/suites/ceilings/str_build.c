/* One pass: copies while it scans, and takes back the word that does not fit. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

size_t str_build(const uint8_t *text, size_t n, uint8_t *out, size_t size)
{
    const uint8_t *at = text;
    const uint8_t *stop = text + n;
    uint8_t *end = out;
    size_t left_out = 0;

    for (;;) {
        while (at < stop && *at == ' ')
            at++;
        if (at == stop)
            break;
        size_t room = (size_t)(out + size - end) - 1;
        uint8_t *to = end;
        if (to > out && room > 0) {
            *to++ = ',';
            room--;
        }
        size_t whole = (size_t)(stop - at) < room ? (size_t)(stop - at) : room;
        const uint8_t *limit = at + whole;
        while (at < limit && *at != ' ')
            *to++ = *at++;
        int fits = at == stop || *at == ' ';
        while (at < stop && *at != ' ')
            at++;
        left_out += !fits;
        end = fits ? to : end;
    }
    memset(end, 0, (size_t)(out + size - end));
    return left_out;
}
