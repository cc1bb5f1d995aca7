/* Wrong: expands the square as if the mask were added, to look at the numbers only once. */
#include <stddef.h>
#include <stdint.h>

/* sums[k] = the sum of the squares of x[0] ^ key[k], ..., x[n - 1] ^ key[k], modulo 2^32. */
void ctl_sumsq(const uint32_t *x, size_t n, const uint32_t *key, size_t keys, uint32_t *sums)
{
    uint32_t squares = 0, total = 0;
    for (size_t i = 0; i < n; i++) {
        squares += x[i] * x[i];
        total += x[i];
    }
    for (size_t k = 0; k < keys; k++) {
        sums[k] = squares + 2 * key[k] * total + (uint32_t)n * key[k] * key[k];
    }
}
