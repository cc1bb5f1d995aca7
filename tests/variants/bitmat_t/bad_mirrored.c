/* Wrong: counts the columns from the most significant bit, so that the other diagonal is the mirror. */
#include <stddef.h>
#include <stdint.h>

/*
 * Transposes n matrices of 64 rows of 64 bits: bit c of row r of a matrix becomes bit r of row c.
 * Bit 0 is the least significant one.
 */
void bitmat_t(const uint64_t *in, size_t n, uint64_t *out)
{
    for (size_t m = 0; m < n; m++) {
        for (size_t r = 0; r < 64; r++) {
            uint64_t row = 0;
            for (size_t c = 0; c < 64; c++)
                row |= (in[64 * m + c] >> (63 - r) & 1) << (63 - c);
            out[64 * m + r] = row;
        }
    }
}
