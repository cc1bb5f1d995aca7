#include <stddef.h>
#include <stdint.h>

/*
 * Undoes `order`-fold differencing: replaces x by its running sums, modulo 2^32, `order` times
 * over.
 */
void scan_wrap(uint32_t *x, size_t n, uint32_t order)
{
    for (uint32_t pass = 0; pass < order; pass++) {
        uint32_t sum = 0;
        for (size_t i = 0; i < n; i++) {
            sum += x[i];
            x[i] = sum;
        }
    }
}
