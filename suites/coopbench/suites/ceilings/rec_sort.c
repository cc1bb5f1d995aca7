/*
 * Expert version: one stable pass by the leading bits in which the keys differ, about as many
 * buckets as records, then one insertion pass over all. Buckets with many records, which only
 * uneven keys give, are sorted before by radix from the lowest byte on.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BITS = 12, BUCKETS = 1 << BITS, FEW = 24 };

struct record {
    uint64_t key;
    uint64_t value;
};

static void insertion(struct record *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct record one = x[i];
        size_t at = i;
        for (; at > 0 && x[at - 1].key > one.key; at--)
            x[at] = x[at - 1];
        x[at] = one;
    }
}

/* Sorts by the lowest `bits` bits of the keys; the others are equal. */
static void radix(struct record *x, size_t n, struct record *room, unsigned bits)
{
    struct record *from = x;
    struct record *to = room;

    for (unsigned shift = 0; shift < bits; shift += 8) {
        uint32_t start[256] = {0};
        for (size_t i = 0; i < n; i++)
            start[(from[i].key >> shift) & 0xFF]++;
        if (start[(from[0].key >> shift) & 0xFF] == n)
            continue;
        uint32_t sum = 0;
        for (size_t digit = 0; digit < 256; digit++) {
            uint32_t count = start[digit];
            start[digit] = sum;
            sum += count;
        }
        for (size_t i = 0; i < n; i++)
            to[start[(from[i].key >> shift) & 0xFF]++] = from[i];
        struct record *swap = from;
        from = to;
        to = swap;
    }
    if (from != x)
        memcpy(x, from, n * sizeof *x);
}

/* Sorts what is in overfull buckets of x by the bits below `shift`; spare is as large as x. */
static void sort_buckets(struct record *x, struct record *spare, const uint32_t *end,
                         size_t buckets, unsigned shift)
{
    uint32_t start = 0;

    for (size_t b = 0; b < buckets; b++) {
        if (end[b] - start > FEW)
            radix(x + start, end[b] - start, spare + start, shift);
        start = end[b];
    }
}

/* Copies records that are nearly in order; each moves down to its place. */
static void insert_all(struct record *to, const struct record *from, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct record one = from[i];
        size_t at = i;
        for (; at > 0 && to[at - 1].key > one.key; at--)
            to[at] = to[at - 1];
        to[at] = one;
    }
}

/* Returns the bits in which keys differ, and in *descents whether one is above its successor. */
static uint64_t differing(const struct record *x, size_t n, uint64_t *descents)
{
    uint64_t bits = 0;
    uint64_t found = 0;

    for (size_t i = 1; i < n; i++) {
        bits |= x[i].key ^ x[0].key;
        found |= x[i].key < x[i - 1].key;
    }
    *descents = found;
    return bits;
}

void rec_sort(uint64_t *words, size_t n, uint64_t *spare)
{
    struct record *x = (struct record *)words;
    struct record *room = (struct record *)spare;
    uint32_t end[BUCKETS];
    uint64_t descents;

    if (n <= FEW) {
        insertion(x, n);
        return;
    }
    uint64_t bits = differing(x, n, &descents);
    if (descents == 0)
        return;
    unsigned width = 64 - (unsigned)__builtin_clzll(bits);
    unsigned wanted = 64 - (unsigned)__builtin_clzll(n - 1);
    if (wanted > BITS)
        wanted = BITS;
    unsigned shift = width > wanted ? width - wanted : 0;
    uint64_t mask = ((uint64_t)1 << wanted) - 1;
    size_t buckets = (size_t)mask + 1;

    memset(end, 0, buckets * sizeof *end);
    for (size_t i = 0; i < n; i++)
        end[(x[i].key >> shift) & mask]++;
    uint32_t sum = 0;
    uint32_t fullest = 0;
    for (size_t b = 0; b < buckets; b++) {
        uint32_t count = end[b];
        fullest = count > fullest ? count : fullest;
        end[b] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        room[end[(x[i].key >> shift) & mask]++] = x[i];

    if (fullest > FEW)
        sort_buckets(room, x, end, buckets, shift);
    insert_all(x, room, n);
}
