/* Wrong: leaves out a match that does not fit the room as a whole. */
#include <stddef.h>
#include <stdint.h>

/*
 * Expands n bytes of data to out, which begins with a dictionary of 256 bytes and has so much room
 * after it. Returns how many bytes came out, the dictionary not counted; what is left of the room
 * is filled with zeros.
 *
 * Each step is a byte of which the upper 3 bits are a number of literals and the lower 5 bits the
 * length of a match; then the literals; then, if the length is not 0, a byte that is how many bytes
 * back the match begins, less one. A match may run into its own copy, and so repeat itself. It all
 * ends where data or room end, in the middle of a step if need be.
 */
size_t lz_expand(const uint8_t *dictionary, const uint8_t *data, size_t n, size_t room, uint8_t *out)
{
    size_t end = room + 256;
    size_t at = 256;
    size_t next = 0;

    for (size_t i = 0; i < 256; i++)
        out[i] = dictionary[i];
    while (next < n && at < end) {
        uint8_t step = data[next++];
        size_t length = step & 31;
        for (size_t literals = step >> 5; literals > 0 && next < n && at < end; literals--)
            out[at++] = data[next++];
        if (length > 0 && next < n) {
            size_t back = (size_t)data[next++] + 1;
            if (length > end - at)
                break;
            for (; length > 0 && at < end; length--, at++)
                out[at] = out[at - back];
        }
    }
    for (size_t i = at; i < end; i++)
        out[i] = 0;
    return at - 256;
}
