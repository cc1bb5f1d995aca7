/* Merges from the bottom up, back and forth, comparing keys in line and without branches on them. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct record {
    uint64_t key;
    uint64_t value;
};

static void merge(const struct record *left, const struct record *middle, const struct record *end,
                  struct record *to)
{
    const struct record *right = middle;

    while (left < middle && right < end) {
        int take_right = right->key < left->key;
        *to++ = *(take_right ? right : left);
        right += take_right;
        left += 1 - take_right;
    }
    size_t rest = (size_t)(middle - left);
    memcpy(to, left, rest * sizeof *to);
    memcpy(to + rest, right, (size_t)(end - right) * sizeof *to);
}

static size_t smaller(size_t x, size_t y)
{
    return x < y ? x : y;
}

void rec_sort(uint64_t *words, size_t n, uint64_t *room)
{
    struct record *from = (struct record *)words;
    struct record *to = (struct record *)room;

    for (size_t run = 1; run < n; run *= 2) {
        for (size_t start = 0; start < n; start += 2 * run) {
            size_t middle = smaller(start + run, n);
            size_t end = smaller(start + 2 * run, n);
            merge(from + start, from + middle, from + end, to + start);
        }
        struct record *swap = from;
        from = to;
        to = swap;
    }
    if (from != (struct record *)words)
        memcpy(words, from, n * sizeof *from);
}
