/* One row, with the diagonal in a register, and common ends cut off. Legal, but slower where branches were predicted well. */
#include <stddef.h>
#include <stdint.h>

static uint32_t whole(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint32_t *row)
{
    for (size_t j = 0; j <= nb; j++)
        row[j] = 0;
    for (size_t i = 0; i < na; i++) {
        uint8_t byte = a[i];
        uint32_t diagonal = 0;
        uint32_t left = 0;
        for (size_t j = 1; j <= nb; j++) {
            uint32_t above = row[j];
            uint32_t longest = above > left ? above : left;
            left = b[j - 1] == byte ? diagonal + 1 : longest;
            row[j] = left;
            diagonal = above;
        }
    }
    return row[nb];
}

uint32_t lcs_len(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint32_t *rows)
{
    uint32_t ends = 0;

    while (na > 0 && nb > 0 && *a == *b) {
        a++, b++, na--, nb--;
        ends++;
    }
    while (na > 0 && nb > 0 && a[na - 1] == b[nb - 1]) {
        na--, nb--;
        ends++;
    }
    return ends + whole(a, na, b, nb, rows);
}
