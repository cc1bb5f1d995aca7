/* Holds 64 cells of a column as two bit vectors of differences (Myers 1999, Hyyrö 2003). */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Moves one block of up to 64 rows on by the column of byte c; returns the carry at its foot. */
static int step(uint64_t equal, uint64_t *up, uint64_t *down, int carry, unsigned height)
{
    uint64_t borrow = carry < 0;
    uint64_t xv = equal | *down;
    uint64_t eq = equal | borrow;
    uint64_t xh = (((eq & *up) + *up) ^ *up) | eq;
    uint64_t ph = *down | ~(xh | *up);
    uint64_t mh = *up & xh;
    int out = (int)(ph >> (height - 1) & 1) - (int)(mh >> (height - 1) & 1);

    ph = ph << 1 | (carry > 0);
    mh = mh << 1 | borrow;
    *up = mh | ~(xv | ph);
    *down = ph & xv;
    return out;
}

/* Distances of a[0..64) and every start of b, given their differences along b in `carry`. */
static void block(const uint8_t *a, size_t height, const uint8_t *b, size_t nb, int32_t *carry)
{
    uint64_t equal[256];
    uint64_t up = ~(uint64_t)0;
    uint64_t down = 0;

    memset(equal, 0, sizeof equal);
    for (size_t i = 0; i < height; i++)
        equal[a[i]] |= (uint64_t)1 << i;
    for (size_t j = 0; j < nb; j++)
        carry[j] = step(equal[b[j]], &up, &down, carry[j], (unsigned)height);
}

uint32_t edit_distance(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint32_t *row)
{
    int32_t *carry = (int32_t *)row;
    int64_t distance = (int64_t)na;

    for (size_t j = 0; j < nb; j++)
        carry[j] = 1;
    for (size_t i = 0; i < na; i += 64)
        block(a + i, na - i < 64 ? na - i : 64, b, nb, carry);
    for (size_t j = 0; j < nb; j++)
        distance += carry[j];
    return (uint32_t)distance;
}
