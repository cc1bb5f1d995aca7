/* Wrong: bit vectors whose words do not hand on the carry. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

uint32_t lcs_len(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint32_t *rows)
{
    (void)rows;
    size_t words = (nb + 63) / 64;
    if (na == 0 || nb == 0)
        return 0;
    uint64_t *match = calloc(257 * words, sizeof *match);
    if (match == NULL)
        abort();
    uint64_t *row = match + 256 * words;
    for (size_t j = 0; j < nb; j++)
        match[b[j] * words + j / 64] |= (uint64_t)1 << j % 64;
    memset(row, 0xFF, words * sizeof *row);

    for (size_t i = 0; i < na; i++) {
        const uint64_t *matches = match + a[i] * words;
        for (size_t w = 0; w < words; w++)
            row[w] = (row[w] + (row[w] & matches[w])) | (row[w] & ~matches[w]);
    }
    uint32_t length = 0;
    for (size_t j = 0; j < nb; j++)
        length += (uint32_t)(~row[j / 64] >> j % 64 & 1);
    free(match);
    return length;
}
