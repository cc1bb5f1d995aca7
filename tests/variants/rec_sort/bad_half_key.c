/* Wrong: a radix sort that looks at the lower 32 bits of the keys only. */
#include <stddef.h>
#include <stdint.h>

struct record {
    uint64_t key;
    uint64_t value;
};

void rec_sort(uint64_t *words, size_t n, uint64_t *room)
{
    struct record *from = (struct record *)words;
    struct record *to = (struct record *)room;

    for (int shift = 0; shift < 32; shift += 8) {
        size_t start[256] = {0};
        for (size_t i = 0; i < n; i++)
            start[(from[i].key >> shift) & 0xFF]++;
        size_t sum = 0;
        for (size_t digit = 0; digit < 256; digit++) {
            size_t count = start[digit];
            start[digit] = sum;
            sum += count;
        }
        for (size_t i = 0; i < n; i++)
            to[start[(from[i].key >> shift) & 0xFF]++] = from[i];
        struct record *swap = from;
        from = to;
        to = swap;
    }
}
