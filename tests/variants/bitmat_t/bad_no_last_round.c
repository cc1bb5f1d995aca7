/* Wrong: leaves the squares of two bits as they are. */
#include <stddef.h>
#include <stdint.h>

void bitmat_t(const uint64_t *in, size_t n, uint64_t *out)
{
    for (size_t m = 0; m < n; m++) {
        uint64_t *rows = out + 64 * m;
        for (size_t r = 0; r < 64; r++)
            rows[r] = in[64 * m + r];
        uint64_t mask = 0x00000000FFFFFFFFu;
        for (size_t width = 32; width > 1; width /= 2, mask ^= mask << width) {
            for (size_t r = 0; r < 64; r = (r + width + 1) & ~width) {
                uint64_t change = (rows[r] >> width ^ rows[r + width]) & mask;
                rows[r] ^= change << width;
                rows[r + width] ^= change;
            }
        }
    }
}
