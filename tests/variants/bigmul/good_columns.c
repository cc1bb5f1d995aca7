/* Sums the products of a column of the result in 64 bits, and passes one carry a column. */
#include <stddef.h>
#include <stdint.h>

void bigmul(const uint16_t *a, size_t na, const uint16_t *b, size_t nb, uint16_t *product)
{
    uint64_t carry = 0;

    for (size_t k = 0; k < na + nb; k++) {
        size_t first = k < nb ? 0 : k - nb + 1;
        size_t end = k < na ? k + 1 : na;
        for (size_t i = first; i < end; i++)
            carry += (uint32_t)a[i] * b[k - i];
        product[k] = (uint16_t)carry;
        carry >>= 16;
    }
}
