/* Wrong: fills only a band around the diagonal, as if the distance were at most 16. */
#include <stddef.h>
#include <stdint.h>

enum { BAND = 16 };

static uint32_t smaller(uint32_t x, uint32_t y)
{
    return x < y ? x : y;
}

uint32_t edit_distance(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint32_t *row)
{
    for (size_t j = 0; j <= nb; j++)
        row[j] = (uint32_t)j;
    for (size_t i = 0; i < na; i++) {
        size_t from = i > BAND ? i - BAND : 0;
        uint32_t diagonal = from <= nb ? row[from] : 0;
        if (from == 0)
            row[0] = (uint32_t)i + 1;
        for (size_t j = from; j < nb && j < i + BAND; j++) {
            uint32_t replaced = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = smaller(replaced, smaller(diagonal, row[j]) + 1);
        }
    }
    return row[nb];
}
