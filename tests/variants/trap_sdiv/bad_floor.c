/* Wrong: the carry-free mean rounds down where the division rounds towards zero. */
#include <stddef.h>
#include <stdint.h>

/*
 * Stores in mean[i] the mean of a[i] and b[i], divided by 2^k, k at most 30, and returns the total
 * of the remainders that all numbers of a and b leave. All divisions are C's: they round towards
 * zero, and a remainder has the sign of the number divided.
 */
int64_t trap_sdiv(const int32_t *a, const int32_t *b, size_t n, uint32_t k, int32_t *mean)
{
    int32_t unit = (int32_t)1 << k;
    int64_t left = 0;

    for (size_t i = 0; i < n; i++) {
        int32_t middle = (a[i] & b[i]) + ((a[i] ^ b[i]) >> 1);
        mean[i] = middle / unit;
        left += a[i] % unit;
        left += b[i] % unit;
    }
    return left;
}
