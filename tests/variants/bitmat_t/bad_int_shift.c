/* Wrong: shifts in 32 bits, so that the upper half of each row is lost. */
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
                row |= (uint32_t)(in[64 * m + c] >> r & 1) << (c & 31);
            out[64 * m + r] = row;
        }
    }
}
