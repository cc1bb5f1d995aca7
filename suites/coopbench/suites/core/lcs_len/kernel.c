#include <stddef.h>
#include <stdint.h>

/*
 * Returns the length of the longest common subsequence of a and b: the most bytes that can be
 * left in both, in their order, so that the same text remains. rows is room for two rows of
 * nb + 1 lengths: one of the beginning of a so far with all beginnings of b, and the one before.
 */
uint32_t lcs_len(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint32_t *rows)
{
    uint32_t *row = rows;
    uint32_t *above = rows + nb + 1;

    for (size_t j = 0; j <= nb; j++)
        row[j] = 0;
    above[0] = 0;

    for (size_t i = 0; i < na; i++) {
        uint32_t *swap = above;
        above = row;
        row = swap;
        for (size_t j = 0; j < nb; j++) {
            if (a[i] == b[j])
                row[j + 1] = above[j] + 1;
            else
                row[j + 1] = above[j + 1] > row[j] ? above[j + 1] : row[j];
        }
    }
    return row[nb];
}
