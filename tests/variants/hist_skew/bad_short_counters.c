/* Wrong: 16-bit counters wrap around when one byte value is frequent enough. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void hist_skew(const uint8_t *data, size_t n, uint32_t *counts)
{
    uint16_t table[256];

    memset(table, 0, sizeof table);
    for (size_t i = 0; i < n; i++)
        table[data[i]]++;
    for (size_t value = 0; value < 256; value++)
        counts[value] = table[value];
}
