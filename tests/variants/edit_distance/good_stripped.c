/* Strips the common ends and keeps the left neighbour in a register. */
#include <stddef.h>
#include <stdint.h>

uint32_t edit_distance(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint32_t *row)
{
    while (na > 0 && nb > 0 && a[na - 1] == b[nb - 1])
        na--, nb--;
    while (na > 0 && nb > 0 && *a == *b)
        a++, b++, na--, nb--;

    for (size_t j = 0; j <= nb; j++)
        row[j] = (uint32_t)j;
    for (size_t i = 0; i < na; i++) {
        uint32_t diagonal = (uint32_t)i;
        uint32_t left = diagonal + 1;
        for (size_t j = 0; j < nb; j++) {
            uint32_t above = row[j + 1];
            uint32_t best = diagonal + (a[i] != b[j]);
            uint32_t step = (above < left ? above : left) + 1;
            left = best < step ? best : step;
            row[j + 1] = left;
            diagonal = above;
        }
        row[0] = (uint32_t)i + 1;
    }
    return row[nb];
}
