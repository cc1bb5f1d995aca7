#include <stddef.h>
#include <stdint.h>

static uint32_t smaller(uint32_t x, uint32_t y)
{
    return x < y ? x : y;
}

/*
 * Returns the Levenshtein distance of a and b: the fewest insertions, deletions and replacements
 * of single bytes that turn one into the other. `row` is room for nb + 1 distances.
 */
uint32_t edit_distance(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint32_t *row)
{
    for (size_t j = 0; j <= nb; j++)
        row[j] = (uint32_t)j;

    for (size_t i = 0; i < na; i++) {
        uint32_t diagonal = row[0]; /* distance of a[0..i) and b[0..j) */
        row[0] = (uint32_t)i + 1;
        for (size_t j = 0; j < nb; j++) {
            uint32_t replaced = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = smaller(replaced, smaller(diagonal, row[j]) + 1);
        }
    }
    return row[nb];
}
