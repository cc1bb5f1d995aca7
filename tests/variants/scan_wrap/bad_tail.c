/* Wrong: unrolled by four; the last n % 4 elements start from zero again. */
#include <stddef.h>
#include <stdint.h>

void scan_wrap(uint32_t *x, size_t n, uint32_t order)
{
    for (uint32_t pass = 0; pass < order; pass++) {
        uint32_t sum = 0;
        size_t i = 0;
        for (; i + 4 <= n; i += 4) {
            x[i] += sum;
            x[i + 1] += x[i];
            x[i + 2] += x[i + 1];
            sum = x[i + 3] += x[i + 2];
        }
        for (sum = 0; i < n; i++)
            x[i] = sum += x[i];
    }
}
