/* Counts into four tables in turn, so that equal neighbours do not wait for each other. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void hist_skew(const uint8_t *data, size_t n, uint32_t *counts)
{
    uint32_t table[4][256];
    size_t i = 0;

    memset(table, 0, sizeof table);
    for (; i + 4 <= n; i += 4) {
        for (size_t lane = 0; lane < 4; lane++)
            table[lane][data[i + lane]]++;
    }
    for (; i < n; i++)
        table[0][data[i]]++;
    for (size_t value = 0; value < 256; value++)
        counts[value] = table[0][value] + table[1][value] + table[2][value] + table[3][value];
}
