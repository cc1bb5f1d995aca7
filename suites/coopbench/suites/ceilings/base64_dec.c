/* Classifies and packs 16 digits at once in vectors; a table serves what is left. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t bytes __attribute__((vector_size(16)));
typedef uint16_t halves __attribute__((vector_size(16)));
typedef uint32_t words __attribute__((vector_size(16)));
typedef uint64_t pair __attribute__((vector_size(16)));

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

static bytes all(uint8_t byte)
{
    return (bytes){0} + byte;
}

/* The bytes from first to last become their distance from it plus base, and all others 0. */
static bytes range(bytes c, uint8_t first, uint8_t last, uint8_t base, bytes *valid)
{
    bytes in = (bytes)((bytes)(c - first) <= all((uint8_t)(last - first)));
    *valid |= in;
    return in & (c + all((uint8_t)(base - first)));
}

/* Decodes 16 digits to the first 12 bytes of the result; 0 if one of them is none. */
static int decode_block(const uint8_t *text, bytes *result)
{
    bytes c;
    memcpy(&c, text, sizeof c);
    bytes valid = all(0);
    bytes value = range(c, 'A', 'Z', 0, &valid) | range(c, 'a', 'z', 26, &valid) |
                  range(c, '0', '9', 52, &valid) | range(c, '-', '-', 62, &valid) |
                  range(c, '_', '_', 63, &valid);
    pair whole = (pair)valid;
    if ((whole[0] & whole[1]) != UINT64_MAX)
        return 0;
    halves v = (halves)value;
    words twelve = (words)(((v & 0x3F) << 6) | (v >> 8));
    words packed = ((twelve & 0xFFFF) << 12) | (twelve >> 16);
    bytes p = (bytes)packed;
    *result = __builtin_shufflevector(p, p, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 3, 3, 3, 3);
    return 1;
}

size_t base64_dec(const uint8_t *text, size_t n, uint8_t *out)
{
    size_t total = 3 * n / 4;
    size_t length = 0;
    size_t i = 0;

    for (; i + 24 <= n; i += 16) { /* the four bytes too many still lie within out */
        bytes block;
        if (!decode_block(text + i, &block))
            break;
        memcpy(out + length, &block, sizeof block);
        length += 12;
    }
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
