/* Loads eight bytes at once, spreads them over eight tables, and shortcuts runs of one byte. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void hist_skew(const uint8_t *data, size_t n, uint32_t *counts)
{
    uint32_t table[8][256];
    size_t i = 0;

    memset(table, 0, sizeof table);
    for (; i + 8 <= n; i += 8) {
        uint64_t word;
        memcpy(&word, data + i, 8);
        if (word == (word & 0xFF) * 0x0101010101010101u) {
            table[0][data[i]] += 8;
            continue;
        }
        for (size_t lane = 0; lane < 8; lane++)
            table[lane][word >> (8 * lane) & 0xFF]++;
    }
    for (; i < n; i++)
        table[0][data[i]]++;
    for (size_t value = 0; value < 256; value++) {
        uint32_t sum = 0;
        for (size_t lane = 0; lane < 8; lane++)
            sum += table[lane][value];
        counts[value] = sum;
    }
}
