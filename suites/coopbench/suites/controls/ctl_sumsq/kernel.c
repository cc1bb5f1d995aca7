#include <stddef.h>
#include <stdint.h>

/* Squares a value and adds x[i] to it, for each of the n numbers of x in turn; modulo 2^64. */
uint64_t ctl_sumsq(uint64_t value, const uint32_t *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        value = value * value + x[i];
    return value;
}
