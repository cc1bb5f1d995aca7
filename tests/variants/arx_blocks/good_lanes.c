/* Four blocks at a time, one in each vector lane. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t four __attribute__((vector_size(16)));

static inline __attribute__((always_inline)) four rotated(four x, unsigned by)
{
    return x << by | x >> (32 - by);
}

static inline __attribute__((always_inline)) void quarter_round(four *a, four *b, four *c, four *d)
{
    *a += *b;
    *d = rotated(*d ^ *a, 16);
    *c += *d;
    *b = rotated(*b ^ *c, 12);
    *a += *b;
    *d = rotated(*d ^ *a, 8);
    *c += *d;
    *b = rotated(*b ^ *c, 7);
}

/* Makes four blocks, one in each lane. */
static void four_blocks(const four *start, uint32_t *out)
{
    four x[16];

    memcpy(x, start, sizeof x);
    for (int round = 0; round < 20; round += 2) {
        quarter_round(&x[0], &x[4], &x[8], &x[12]);
        quarter_round(&x[1], &x[5], &x[9], &x[13]);
        quarter_round(&x[2], &x[6], &x[10], &x[14]);
        quarter_round(&x[3], &x[7], &x[11], &x[15]);
        quarter_round(&x[0], &x[5], &x[10], &x[15]);
        quarter_round(&x[1], &x[6], &x[11], &x[12]);
        quarter_round(&x[2], &x[7], &x[8], &x[13]);
        quarter_round(&x[3], &x[4], &x[9], &x[14]);
    }
    for (size_t i = 0; i < 16; i += 4) {
        four a = x[i] + start[i], b = x[i + 1] + start[i + 1];
        four c = x[i + 2] + start[i + 2], d = x[i + 3] + start[i + 3];
        for (size_t block = 0; block < 4; block++) {
            four row = {a[block], b[block], c[block], d[block]};
            memcpy(out + 16 * block + i, &row, sizeof row);
        }
    }
}

void arx_blocks(const uint32_t *key, const uint32_t *nonce, uint32_t counter, size_t n, uint32_t *out)
{
    static const uint32_t constants[4] = {0x61707865, 0x3320646E, 0x79622D32, 0x6B206574};
    four start[16];

    for (size_t i = 0; i < 16; i++) {
        uint32_t word = i < 4 ? constants[i] : i < 12 ? key[i - 4] : i > 12 ? nonce[i - 13] : counter;
        start[i] = (four){word, word, word, word};
    }
    start[12] += (four){0, 1, 2, 3};
    for (; n >= 4; n -= 4, out += 64) {
        four_blocks(start, out);
        start[12] += 4;
    }
    if (n > 0) {
        uint32_t rest[64];
        four_blocks(start, rest);
        memcpy(out, rest, 16 * n * sizeof *out);
    }
}
