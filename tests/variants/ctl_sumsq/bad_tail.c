/* Wrong: leaves out what does not fill a vector. */
#include <stddef.h>
#include <stdint.h>

/* sums[k] = the sum of the squares of x[0] ^ key[k], ..., x[n - 1] ^ key[k], modulo 2^32. */
void ctl_sumsq(const uint32_t *x, size_t n, const uint32_t *key, size_t keys, uint32_t *sums)
{
    for (size_t k = 0; k < keys; k++) {
        uint32_t sum = 0;
        for (size_t i = 0; i < n - n % 4; i++)
            sum += (x[i] ^ key[k]) * (x[i] ^ key[k]);
        sums[k] = sum;
    }
}
