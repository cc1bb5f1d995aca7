/* Wrong: an exclusive sum, which leaves out the element itself. */
#include <stddef.h>
#include <stdint.h>

void scan_wrap(uint32_t *x, size_t n, uint32_t order)
{
    for (uint32_t pass = 0; pass < order; pass++) {
        uint32_t sum = 0;
        for (size_t i = 0; i < n; i++) {
            uint32_t value = x[i];
            x[i] = sum;
            sum += value;
        }
    }
}
