#include <stddef.h>
#include <stdint.h>

/* Counts how often each of the 256 byte values occurs in data. */
void hist_skew(const uint8_t *data, size_t n, uint32_t *counts)
{
    for (size_t value = 0; value < 256; value++)
        counts[value] = 0;
    for (size_t i = 0; i < n; i++)
        counts[data[i]]++;
}
