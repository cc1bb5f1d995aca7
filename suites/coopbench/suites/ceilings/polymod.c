/* Blocks of 128 bytes: sums of products with the powers in two halves of 15 bits, then one remainder. */
#include <stddef.h>
#include <stdint.h>

enum { BLOCK = 128 };

static const uint64_t modulus = 1000000007u;

uint32_t polymod(uint32_t h, const uint8_t *data, size_t n)
{
    size_t i = 0;

    if (n >= 4 * BLOCK) {
        int16_t low[BLOCK];
        int16_t high[BLOCK];
        uint64_t power = 1;
        for (size_t k = BLOCK; k > 0; k--) {
            low[k - 1] = (int16_t)(power & 0x7FFF);
            high[k - 1] = (int16_t)(power >> 15);
            power = power * 257 % modulus;
        }
        for (; i + BLOCK <= n; i += BLOCK) {
            const uint8_t *block = data + i;
            int32_t low_sum = 0;
            int32_t high_sum = 0;
            for (size_t k = 0; k < BLOCK; k++) {
                low_sum += (int16_t)block[k] * low[k];
                high_sum += (int16_t)block[k] * high[k];
            }
            uint64_t sum = ((uint64_t)(uint32_t)high_sum << 15) + (uint32_t)low_sum;
            h = (uint32_t)((h * power + sum) % modulus);
        }
    }
    for (; i < n; i++)
        h = (uint32_t)((257 * (uint64_t)h + data[i]) % modulus);
    return h;
}
