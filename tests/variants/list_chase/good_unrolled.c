/* Four hops a step; each still waits for the last. */
#include <stdint.h>

uint64_t list_chase(const uint16_t *next, uint16_t start, uint32_t hops)
{
    uint16_t place = start;
    uint64_t sum = 0;
    uint32_t hop = 0;

    for (; hop + 4 <= hops; hop += 4) {
        uint16_t a = (uint16_t)(next[place] + hop), b = (uint16_t)(next[a] + hop + 1);
        uint16_t c = (uint16_t)(next[b] + hop + 2);
        place = (uint16_t)(next[c] + hop + 3);
        sum += (uint64_t)a + b + c + place;
    }
    for (; hop < hops; hop++) {
        place = (uint16_t)(next[place] + hop);
        sum += place;
    }
    return sum;
}
