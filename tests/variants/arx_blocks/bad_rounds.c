/* Wrong: stops two rounds early. */
#include <stddef.h>
#include <stdint.h>

static uint32_t rotated(uint32_t x, unsigned by)
{
    return x << by | x >> (32 - by);
}

static void quarter_round(uint32_t *x, size_t a, size_t b, size_t c, size_t d)
{
    x[a] += x[b];
    x[d] = rotated(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = rotated(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = rotated(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = rotated(x[b] ^ x[c], 7);
}

/*
 * Writes n blocks of 16 words of a key stream. A block is 4 constants, 8 words of key, the counter
 * and 3 words of nonce, mixed in 20 rounds, with what it was before added to it. The counter counts
 * the blocks modulo 2^32; the nonce stays.
 */
void arx_blocks(const uint32_t *key, const uint32_t *nonce, uint32_t counter, size_t n, uint32_t *out)
{
    for (size_t block = 0; block < n; block++) {
        uint32_t start[16] = {0x61707865, 0x3320646E, 0x79622D32, 0x6B206574};
        uint32_t x[16];
        for (size_t i = 0; i < 8; i++)
            start[4 + i] = key[i];
        start[12] = counter + (uint32_t)block;
        for (size_t i = 0; i < 3; i++)
            start[13 + i] = nonce[i];
        for (size_t i = 0; i < 16; i++)
            x[i] = start[i];

        for (int round = 0; round < 18; round += 2) {
            for (size_t i = 0; i < 4; i++)
                quarter_round(x, i, 4 + i, 8 + i, 12 + i);
            for (size_t i = 0; i < 4; i++)
                quarter_round(x, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
        }
        for (size_t i = 0; i < 16; i++)
            out[16 * block + i] = x[i] + start[i];
    }
}
