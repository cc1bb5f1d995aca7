/* Takes two digits of a at once: a 32-bit limb times a digit, with a wider carry. */
#include <stddef.h>
#include <stdint.h>

void bigmul(const uint16_t *a, size_t na, const uint16_t *b, size_t nb, uint16_t *product)
{
    size_t i = 0;

    for (size_t k = 0; k < na + nb; k++)
        product[k] = 0;
    for (; i + 2 <= na; i += 2) {
        uint64_t limb = (uint64_t)a[i + 1] << 16 | a[i], carry = 0;
        for (size_t j = 0; j < nb; j++) {
            uint64_t t = limb * b[j] + product[i + j] + carry;
            product[i + j] = (uint16_t)t;
            carry = t >> 16;
        }
        for (size_t k = i + nb; k < i + nb + 2; k++) {
            carry += product[k];
            product[k] = (uint16_t)carry;
            carry >>= 16;
        }
    }
    for (; i < na; i++) {
        uint32_t carry = 0;
        for (size_t j = 0; j < nb; j++) {
            uint32_t t = (uint32_t)a[i] * b[j] + product[i + j] + carry;
            product[i + j] = (uint16_t)t;
            carry = t >> 16;
        }
        product[i + nb] = (uint16_t)carry;
    }
}
