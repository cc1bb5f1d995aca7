/* Wrong: a merge that takes the right one of two equal records. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct record {
    uint64_t key;
    uint64_t value;
};

static void sort(struct record *records, size_t count, struct record *room)
{
    if (count < 2)
        return;
    size_t left = count / 2;
    sort(records, left, room);
    sort(records + left, count - left, room);
    size_t i = 0;
    size_t j = left;
    for (size_t k = 0; k < count; k++) {
        if (j == count || (i < left && records[i].key < records[j].key))
            room[k] = records[i++];
        else
            room[k] = records[j++];
    }
    memcpy(records, room, count * sizeof *records);
}

void rec_sort(uint64_t *words, size_t n, uint64_t *room)
{
    sort((struct record *)words, n, (struct record *)room);
}
