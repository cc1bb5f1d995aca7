/* Wrong: counts the hops with a byte. */
#include <stdint.h>

/*
 * Hops through a table of 65536 places: the next place is what the table says about the present one,
 * shifted by the number of the hop (modulo 65536, counted from 0). Returns the sum of all places
 * visited, the start not counted.
 */
uint64_t list_chase(const uint16_t *next, uint16_t start, uint32_t hops)
{
    uint16_t place = start;
    uint64_t sum = 0;

    for (uint32_t hop = 0; hop < hops; hop++) {
        place = (uint16_t)(next[place] + (uint8_t)hop);
        sum += place;
    }
    return sum;
}
