/* Packs the digits into 64-bit limbs, in pieces that fit the stack, and multiplies limbs. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { PIECE = 256 }; /* limbs of one number at a time */

__extension__ typedef unsigned __int128 wide;

/* Packs up to PIECE limbs of a number of n digits; returns how many limbs that are. */
static size_t pack(const uint16_t *digits, size_t n, uint64_t *limbs)
{
    size_t count = (n + 3) / 4;

    if (count > 0)
        limbs[count - 1] = 0;
    if (n > 0)
        memcpy(limbs, digits, n * sizeof *digits); /* both targets are little-endian */
    return count;
}

/* sum += x * y, over so many limbs; returns the carry. */
static uint64_t add_row(uint64_t *sum, const uint64_t *x, size_t n, uint64_t y)
{
    uint64_t carry = 0;
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        wide t0 = (wide)x[i] * y + sum[i] + carry;
        wide t1 = (wide)x[i + 1] * y + sum[i + 1] + (uint64_t)(t0 >> 64);
        wide t2 = (wide)x[i + 2] * y + sum[i + 2] + (uint64_t)(t1 >> 64);
        wide t3 = (wide)x[i + 3] * y + sum[i + 3] + (uint64_t)(t2 >> 64);
        sum[i] = (uint64_t)t0;
        sum[i + 1] = (uint64_t)t1;
        sum[i + 2] = (uint64_t)t2;
        sum[i + 3] = (uint64_t)t3;
        carry = (uint64_t)(t3 >> 64);
    }
    for (; i < n; i++) {
        wide t = (wide)x[i] * y + sum[i] + carry;
        sum[i] = (uint64_t)t;
        carry = (uint64_t)(t >> 64);
    }
    return carry;
}

/* Adds the limbs to the digits from the product's start on, as far as it goes. */
static void add_digits(uint16_t *product, size_t digits, const uint64_t *limbs, size_t count)
{
    uint32_t carry = 0;

    for (size_t i = 0; i < digits && (i < 4 * count || carry != 0); i++) {
        uint32_t digit = i < 4 * count ? (uint16_t)(limbs[i / 4] >> 16 * (i % 4)) : 0;
        carry += product[i] + digit;
        product[i] = (uint16_t)carry;
        carry >>= 16;
    }
}

void bigmul(const uint16_t *a, size_t na, const uint16_t *b, size_t nb, uint16_t *product)
{
    uint64_t x[PIECE], y[PIECE], sum[2 * PIECE];

    for (size_t i = 0; i < na + nb; i++)
        product[i] = 0;
    for (size_t i = 0; i < na; i += 4 * PIECE) {
        size_t nx = pack(a + i, na - i < 4 * PIECE ? na - i : 4 * PIECE, x);
        for (size_t j = 0; j < nb; j += 4 * PIECE) {
            size_t ny = pack(b + j, nb - j < 4 * PIECE ? nb - j : 4 * PIECE, y);
            for (size_t k = 0; k < nx; k++)
                sum[k] = 0;
            for (size_t k = 0; k < ny; k++)
                sum[nx + k] = add_row(sum + k, x, nx, y[k]);
            add_digits(product + i + j, na + nb - i - j, sum, nx + ny);
        }
    }
}
