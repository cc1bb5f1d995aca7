/* Wrong: distances in bytes wrap around at 256. */
#include <stddef.h>
#include <stdint.h>

uint32_t edit_distance(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint32_t *row)
{
    uint8_t *cell = (uint8_t *)row;

    for (size_t j = 0; j <= nb; j++)
        cell[j] = (uint8_t)j;
    for (size_t i = 0; i < na; i++) {
        uint8_t diagonal = cell[0];
        cell[0] = (uint8_t)(i + 1);
        for (size_t j = 0; j < nb; j++) {
            unsigned best = diagonal + (a[i] != b[j]);
            diagonal = cell[j + 1];
            unsigned step = (diagonal < cell[j] ? diagonal : cell[j]) + 1u;
            cell[j + 1] = (uint8_t)(best < step ? best : step);
        }
    }
    return cell[nb];
}
