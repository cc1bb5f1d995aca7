/* Wrong: writes four bytes for every group, past the end of out at the last. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* 0x80 plus the value of each digit, 0 for any other byte. */
static const uint8_t value_of[256] = {
    ['A'] = 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x8D,
    0x8E, 0x8F, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
    ['a'] = 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7,
    0xA8, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF, 0xB0, 0xB1, 0xB2, 0xB3,
    ['0'] = 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xBB, 0xBC, 0xBD,
    ['-'] = 0xBE,
    ['_'] = 0xBF,
};

size_t base64_dec(const uint8_t *text, size_t n, uint8_t *out)
{
    size_t total = 3 * n / 4;
    size_t length = 0;
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        uint32_t a = value_of[text[i]];
        uint32_t b = value_of[text[i + 1]];
        uint32_t c = value_of[text[i + 2]];
        uint32_t d = value_of[text[i + 3]];
        if ((a & b & c & d) < 0x80)
            goto done;
        out[length] = (uint8_t)(a << 2 | (b >> 4 & 3));
        out[length + 1] = (uint8_t)(b << 4 | (c >> 2 & 15));
        out[length + 2] = (uint8_t)(c << 6 | (d & 63));
        out[length + 3] = 0;
        length += 3;
    }
    if (n - i >= 2) {
        uint32_t a = value_of[text[i]];
        uint32_t b = value_of[text[i + 1]];
        uint32_t c = n - i == 3 ? value_of[text[i + 2]] : 0x80;
        uint32_t unused = n - i == 3 ? c & 3 : b & 15;
        if ((a & b & c) >= 0x80 && unused == 0) {
            out[length++] = (uint8_t)(a << 2 | (b >> 4 & 3));
            if (n - i == 3)
                out[length++] = (uint8_t)(b << 4 | (c >> 2 & 15));
        }
    }
done:
    if (length < total)
        memset(out + length, 0, total - length);
    return length;
}
