#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct record {
    uint64_t key;
    uint64_t value;
};

typedef int compare_records(const struct record *left, const struct record *right);

static int by_key(const struct record *left, const struct record *right)
{
    return (left->key > right->key) - (left->key < right->key);
}

/* Merges the sorted runs from[0..left) and from[left..count); of equal records the left ones first. */
static void merge(const struct record *from, size_t left, size_t count, struct record *to,
                  compare_records *compare)
{
    size_t i = 0;
    size_t j = left;

    for (size_t k = 0; k < count; k++) {
        if (j == count || (i < left && compare(&from[i], &from[j]) <= 0))
            to[k] = from[i++];
        else
            to[k] = from[j++];
    }
}

static void merge_sort(struct record *records, size_t count, struct record *room,
                       compare_records *compare)
{
    if (count < 2)
        return;
    size_t left = count / 2;
    merge_sort(records, left, room, compare);
    merge_sort(records + left, count - left, room, compare);
    merge(records, left, count, room, compare);
    memcpy(records, room, count * sizeof *records);
}

/*
 * Sorts n records by their keys, in ascending order. Record i is the key words[2 * i] with the
 * value words[2 * i + 1]. Records with equal keys keep their order. room is as large as words.
 */
void rec_sort(uint64_t *words, size_t n, uint64_t *room)
{
    merge_sort((struct record *)words, n, (struct record *)room, by_key);
}
