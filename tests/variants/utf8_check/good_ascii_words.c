/* Skips ASCII eight bytes at a time; inside other text it decides as the reference does. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static int in_range(uint8_t byte, uint8_t low, uint8_t high)
{
    return byte >= low && byte <= high;
}

static size_t character_length(const uint8_t *text, size_t left)
{
    uint8_t low = 0x80;
    uint8_t high = 0xBF;
    size_t length;

    if (text[0] < 0x80)
        return 1;
    if (in_range(text[0], 0xC2, 0xDF))
        length = 2;
    else if (in_range(text[0], 0xE0, 0xEF))
        length = 3;
    else if (in_range(text[0], 0xF0, 0xF4))
        length = 4;
    else
        return 0;
    if (left < length)
        return 0;
    switch (text[0]) {
    case 0xE0: low = 0xA0; break;
    case 0xED: high = 0x9F; break;
    case 0xF0: low = 0x90; break;
    case 0xF4: high = 0x8F; break;
    }
    if (!in_range(text[1], low, high))
        return 0;
    for (size_t i = 2; i < length; i++)
        if (!in_range(text[i], 0x80, 0xBF))
            return 0;
    return length;
}

size_t utf8_check(const uint8_t *text, size_t n)
{
    size_t at = 0;

    while (at < n) {
        if (text[at] < 0x80) {
            uint64_t word;
            at++;
            while (n - at >= 8 && (memcpy(&word, text + at, 8), (word & 0x8080808080808080u) == 0))
                at += 8;
            continue;
        }
        size_t length = character_length(text + at, n - at);
        if (length == 0)
            return at;
        at += length;
    }
    return n;
}
