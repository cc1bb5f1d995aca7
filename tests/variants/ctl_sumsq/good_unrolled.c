/* Four numbers a step; each still waits for the last. */
#include <stddef.h>
#include <stdint.h>

uint64_t ctl_sumsq(uint64_t value, const uint32_t *x, size_t n)
{
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        value = value * value + x[i];
        value = value * value + x[i + 1];
        value = value * value + x[i + 2];
        value = value * value + x[i + 3];
    }
    for (; i < n; i++)
        value = value * value + x[i];
    return value;
}
