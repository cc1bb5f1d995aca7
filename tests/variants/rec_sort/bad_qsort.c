/* Wrong: qsort may exchange records with equal keys; the tie is broken by value to hide it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static int by_key_and_value(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;

    if (a[0] != b[0])
        return a[0] < b[0] ? -1 : 1;
    return (a[1] > b[1]) - (a[1] < b[1]);
}

void rec_sort(uint64_t *words, size_t n, uint64_t *room)
{
    (void)room;
    qsort(words, n, 2 * sizeof *words, by_key_and_value);
}
