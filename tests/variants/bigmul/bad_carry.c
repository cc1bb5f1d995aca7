/* Wrong: a carry of 16 bits that is added to a full digit is lost. */
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
            uint32_t t = (uint32_t)a[i] * b[j] + (uint16_t)(product[i + j] + carry);
            product[i + j] = (uint16_t)t;
            carry = t >> 16;
        }
        product[i + nb] = (uint16_t)carry;
    }
}
