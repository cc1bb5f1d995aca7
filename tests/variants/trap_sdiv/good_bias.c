/* Adds 2^k - 1 to negative numbers before the shift, and one to a negative odd sum before halving. */
#include <stddef.h>
#include <stdint.h>

static inline int32_t biased(int32_t x, int32_t mask)
{
    return (int32_t)((uint32_t)x + (uint32_t)(x >> 31 & mask));
}

static inline int32_t rest(int32_t x, int32_t mask)
{
    return (int32_t)((uint32_t)x - (uint32_t)(biased(x, mask) & ~mask));
}

int64_t trap_sdiv(const int32_t *a, const int32_t *b, size_t n, uint32_t k, int32_t *mean)
{
    int32_t mask = (int32_t)(((uint32_t)1 << k) - 1);
    int64_t left = 0;

    for (size_t i = 0; i < n; i++) {
        int32_t floor = (a[i] & b[i]) + ((a[i] ^ b[i]) >> 1);
        /* The floor is one too low for an odd negative sum. */
        int32_t middle = floor + (((a[i] ^ b[i]) & 1) & (int32_t)((uint32_t)floor >> 31));
        mean[i] = biased(middle, mask) >> k;
        left += (int64_t)rest(a[i], mask) + rest(b[i], mask);
    }
    return left;
}
