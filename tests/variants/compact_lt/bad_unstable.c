/* Wrong: fills gaps from the end, which changes the order. */
#include <stddef.h>
#include <stdint.h>

size_t compact_lt(uint32_t *x, size_t n, uint32_t limit)
{
    size_t i = 0;

    while (i < n) {
        if (x[i] < limit) {
            i++;
        } else {
            x[i] = x[--n];
            x[n] = 0;
        }
    }
    return i;
}
