#include <stddef.h>
#include <stdint.h>

/*
 * Appends a word to the list in out, with a comma between words. Returns 0 and changes nothing
 * if the list with its terminating zero would not fit into `size` bytes.
 */
static int append(uint8_t *out, size_t size, const uint8_t *word, size_t length)
{
    size_t end = 0;

    while (out[end] != 0)
        end++;
    size_t comma = end > 0 ? 1 : 0;
    if (end + comma + length + 1 > size)
        return 0;
    if (comma)
        out[end++] = ',';
    for (size_t i = 0; i < length; i++)
        out[end + i] = word[i];
    out[end + length] = 0;
    return 1;
}

/*
 * Makes a zero-terminated list of the words of text, separated by commas, in the `size` > 0 bytes
 * of out; what is left of out is filled with zeros. Words are what lies between spaces, and text
 * holds no zero byte. A word that does not fit as a whole is left out, and the next is tried.
 * Returns how many were left out.
 */
size_t str_build(const uint8_t *text, size_t n, uint8_t *out, size_t size)
{
    size_t left_out = 0;

    for (size_t i = 0; i < size; i++)
        out[i] = 0;
    for (size_t start = 0; start < n;) {
        size_t stop = start;
        while (stop < n && text[stop] != ' ')
            stop++;
        if (stop > start && !append(out, size, text + start, stop - start))
            left_out++;
        start = stop + 1;
    }
    return left_out;
}
