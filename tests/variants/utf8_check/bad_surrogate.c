/* Wrong: accepts surrogates. */
#include <stddef.h>
#include <stdint.h>

static int is_continuation(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* Length of the character at text[0], which has `left` bytes, or 0 if it is ill-formed. */
static size_t character_length(const uint8_t *text, size_t left)
{
    uint8_t first = text[0];

    if (first < 0x80)
        return 1;
    if (first < 0xC2) /* a continuation byte, or an overlong form of ASCII */
        return 0;
    if (first < 0xE0)
        return left >= 2 && is_continuation(text[1]) ? 2 : 0;
    if (first < 0xF0) {
        if (left < 3 || !is_continuation(text[1]) || !is_continuation(text[2]))
            return 0;
        if (first == 0xE0 && text[1] < 0xA0) /* overlong */
            return 0;
        return 3;
    }
    if (first < 0xF5) {
        if (left < 4 || !is_continuation(text[1]) || !is_continuation(text[2]) ||
            !is_continuation(text[3]))
            return 0;
        if (first == 0xF0 && text[1] < 0x90) /* overlong */
            return 0;
        if (first == 0xF4 && text[1] >= 0x90) /* above U+10FFFF */
            return 0;
        return 4;
    }
    return 0;
}

/*
 * Returns n if the text is well-formed UTF-8, else the offset of the first byte of the first
 * ill-formed character.
 */
size_t utf8_check(const uint8_t *text, size_t n)
{
    size_t at = 0;

    while (at < n) {
        size_t length = character_length(text + at, n - at);
        if (length == 0)
            return at;
        at += length;
    }
    return n;
}
