/* Wrong: a 16-bit trip count covers only the first n % 65536 elements. */
#include <stddef.h>
#include <stdint.h>

void scan_wrap(uint32_t *x, size_t n, uint32_t order)
{
    uint16_t left = (uint16_t)n;

    for (uint32_t pass = 0; pass < order; pass++) {
        uint32_t sum = 0;
        for (uint16_t i = 0; i < left; i++)
            x[i] = sum += x[i];
    }
}
