/* Wrong: adds to whatever the counters hold instead of starting from zero. */
#include <stddef.h>
#include <stdint.h>

void hist_skew(const uint8_t *data, size_t n, uint32_t *counts)
{
    for (size_t i = 0; i < n; i++)
        counts[data[i]]++;
}
