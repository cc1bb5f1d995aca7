/* Wrong: a signed product of two digits overflows into the sign, which the shift smears over the carry. */
#include <stddef.h>
#include <stdint.h>

/*
 * Multiplies a number of na digits by one of nb digits to one of na + nb digits. The digits are of
 * 16 bits, the least significant one first.
 */
void bigmul(const uint16_t *a, size_t na, const uint16_t *b, size_t nb, uint16_t *product)
{
    for (size_t i = 0; i < na + nb; i++)
        product[i] = 0;
    for (size_t i = 0; i < na; i++) {
        uint32_t carry = 0;
        for (size_t j = 0; j < nb; j++) {
            int32_t t = (int32_t)((uint32_t)a[i] * b[j] + product[i + j] + carry);
            product[i + j] = (uint16_t)t;
            carry = (uint32_t)(t >> 16);
        }
        product[i + nb] = (uint16_t)carry;
    }
}
