/* Wrong: orders doubles by their bits, which puts every -0.0 before every 0.0. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint64_t key_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 != 0 ? ~bits : bits | (uint64_t)1 << 63;
}

static int by_bits(const void *left, const void *right)
{
    uint64_t a = key_of(*(const double *)left);
    uint64_t b = key_of(*(const double *)right);
    return (a > b) - (a < b);
}

void ins_sort(double *x, size_t n)
{
    qsort(x, n, sizeof *x, by_bits);
}
