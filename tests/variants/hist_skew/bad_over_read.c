/* Wrong: reads whole words and so reads past the end of the data. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void hist_skew(const uint8_t *data, size_t n, uint32_t *counts)
{
    memset(counts, 0, 256 * sizeof *counts);
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word;
        size_t left = n - i < 8 ? n - i : 8;
        memcpy(&word, data + i, 8);
        for (size_t lane = 0; lane < left; lane++)
            counts[word >> (8 * lane) & 0xFF]++;
    }
}
