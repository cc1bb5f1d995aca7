/* Wrong: keeps the lengths in bytes, which 255 common letters fill. */
#include <stddef.h>
#include <stdint.h>

uint32_t lcs_len(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint32_t *rows)
{
    uint8_t *row = (uint8_t *)rows;

    for (size_t j = 0; j <= nb; j++)
        row[j] = 0;
    for (size_t i = 0; i < na; i++) {
        uint8_t diagonal = 0;
        for (size_t j = 1; j <= nb; j++) {
            uint8_t above = row[j];
            uint8_t longest = above > row[j - 1] ? above : row[j - 1];
            if (a[i] == b[j - 1])
                longest = (uint8_t)(diagonal + 1);
            row[j] = longest;
            diagonal = above;
        }
    }
    return row[nb];
}
