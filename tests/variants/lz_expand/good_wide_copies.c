/* Copies of fixed size far from the ends, byte by byte only where a match overlaps itself. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Most bytes that one step reads, and writes, with copies of fixed size. */
enum { READS = 1 + 8 + 1, WRITES = 8 + 40 };

size_t lz_expand(const uint8_t *dictionary, const uint8_t *data, size_t n, size_t room, uint8_t *out)
{
    size_t end = room + 256;
    size_t at = 256;
    size_t next = 0;

    memcpy(out, dictionary, 256);
    while (n - next >= READS && end - at >= WRITES) {
        uint8_t step = data[next++];
        size_t literals = step >> 5, length = step & 31;
        memcpy(out + at, data + next, 8);
        at += literals;
        next += literals;
        if (length == 0)
            continue;
        size_t back = (size_t)data[next++] + 1;
        uint8_t *to = out + at;
        const uint8_t *from = to - back;
        at += length;
        if (back >= 16) {
            memcpy(to, from, 16);
            memcpy(to + 16, from + 16, 16);
        } else {
            for (size_t i = 0; i < length; i++)
                to[i] = from[i];
        }
    }
    while (next < n && at < end) {
        uint8_t step = data[next++];
        size_t length = step & 31;
        for (size_t literals = step >> 5; literals > 0 && next < n && at < end; literals--)
            out[at++] = data[next++];
        if (length > 0 && next < n) {
            size_t back = (size_t)data[next++] + 1;
            for (; length > 0 && at < end; length--, at++)
                out[at] = out[at - back];
        }
    }
    memset(out + at, 0, end - at);
    return at - 256;
}
