/* Up to three symbols for each look at twelve bits, refilled by 64-bit words. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* How many codes there are of each length in bits; all codes together use up the 12 bits. */
static const uint8_t codes_of[13] = {0, 0, 0, 2, 6, 5, 6, 5, 8, 12, 16, 20, 24};

/* The symbols in the order of their codes, shorter codes first. */
static const uint8_t symbol[104] = {
    0x20, 0x65, 0x74, 0x61, 0x6F, 0x69, 0x6E, 0x73, 0x68, 0x72, 0x64, 0x6C, 0x75, 0x0A, 0x63, 0x6D,
    0x66, 0x77, 0x79, 0x70, 0x76, 0x62, 0x67, 0x6B, 0x6A, 0x71, 0x78, 0x7A, 0x2E, 0x2C, 0x2D, 0x27,
    0x22, 0x54, 0x41, 0x53, 0x49, 0x48, 0x57, 0x42, 0x4D, 0x43, 0x50, 0x4E, 0x46, 0x4C, 0x52, 0x44,
    0x45, 0x4F, 0x47, 0x4A, 0x4B, 0x55, 0x59, 0x56, 0x51, 0x58, 0x5A, 0x30, 0x31, 0x32, 0x33, 0x34,
    0x35, 0x36, 0x37, 0x38, 0x39, 0x3B, 0x3A, 0x3F, 0x21, 0x28, 0x29, 0x2F, 0x2A, 0x26, 0x25, 0x24,
    0x23, 0x40, 0x2B, 0x3D, 0x3C, 0x3E, 0x5B, 0x5D, 0x7B, 0x7D, 0x5F, 0x7C, 0x7E, 0x5E, 0x60, 0x5C,
    0x09, 0xE4, 0xF6, 0xFC, 0xE9, 0xE8, 0xDF, 0xE0,
};

enum { PEEK = 12 };

/* What the next bits begin with: up to three symbols, their number, and the bits they take. */
struct entry {
    uint8_t symbols[3];
    uint8_t count : 4, used : 4;
};

static void make_table(struct entry *table)
{
    size_t at = 0, index = 0;

    for (uint32_t bits = 1; bits <= PEEK; bits++) {
        for (size_t k = 0; k < codes_of[bits]; k++, index++) {
            struct entry one = {{symbol[index], 0, 0}, 1, (uint8_t)(bits & 15)};
            for (size_t fill = (size_t)1 << (PEEK - bits); fill > 0; fill--)
                table[at++] = one;
        }
    }
}

/* Appends what follows the first symbol, where it lies within the bits looked at. */
static void join(const struct entry *one, struct entry *many)
{
    for (uint32_t next = 0; next < 1 << PEEK; next++) {
        struct entry e = one[next];
        while (e.count < 3) {
            struct entry more = one[next << e.used & ((1 << PEEK) - 1)];
            if (e.used + more.used > PEEK)
                break;
            e.symbols[e.count] = more.symbols[0];
            e.count = (uint8_t)((e.count + 1) & 15);
            e.used = (uint8_t)((e.used + more.used) & 15);
        }
        many[next] = e;
    }
}

size_t huff_bits(const uint8_t *bits, size_t n, uint8_t *text)
{
    struct entry one[1 << PEEK], many[1 << PEEK];
    uint64_t window = 0; /* the next bits, in its upper end */
    size_t length = 0, at = 0, room = 8 * n / 3;
    uint32_t have = 0;

    make_table(one);
    if (n > 400) {
        join(one, many);
        while (at + 8 <= n && length + 16 <= room) {
            uint64_t word;
            memcpy(&word, bits + at, sizeof word);
            window |= __builtin_bswap64(word) >> have; /* both targets are little-endian */
            at += (63 - have) / 8;
            have |= 56;
            for (int k = 0; k < 4; k++) { /* at most 48 of at least 56 bits */
                struct entry e = many[window >> (64 - PEEK)];
                memcpy(text + length, e.symbols, sizeof e.symbols);
                length += e.count;
                window <<= e.used;
                have -= e.used;
            }
        }
    }
    /* Bits beyond those that count may be in the window already; they are the same again. */
    for (;;) {
        for (; have <= 56 && at < n; have += 8)
            window |= (uint64_t)bits[at++] << (56 - have);
        struct entry e = one[window >> (64 - PEEK)];
        if (e.used > have)
            break;
        text[length++] = e.symbols[0];
        window <<= e.used;
        have -= e.used;
    }
    memset(text + length, 0, room - length);
    return length;
}
