/*
 * Expert version: depth-first branch and bound over the items by value per weight, with the bound
 * of the fractional problem (Horowitz and Sahni 1974), which settles ordinary instances in some
 * thousand steps. If it does not, the table is filled after all, sixteen capacities at a time.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ITEMS = 4000, LANES = 4, BLOCK = 4 * LANES };

typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));

struct item {
    uint32_t weight;
    uint32_t value;
};

static inline lanes load(const uint32_t *from)
{
    lanes x;
    memcpy(&x, from, sizeof x);
    return x;
}

static inline lanes larger(lanes x, lanes y)
{
    lanes above = (lanes)(x > y);
    return (x & above) | (y & ~above);
}

/* Offers an item to the capacities weight to capacity, from the top down. */
static void take(uint32_t *best, size_t capacity, size_t weight, uint32_t value)
{
    size_t end = capacity + 1;

    for (; end >= weight + BLOCK; end -= BLOCK) {
        uint32_t *to = best + end - BLOCK;
        lanes kept[BLOCK / LANES];
        for (int k = 0; k < BLOCK / LANES; k++)
            kept[k] = larger(load(to + k * LANES), load(to + k * LANES - weight) + value);
        memcpy(to, kept, sizeof kept);
    }
    for (; end > weight; end--) {
        uint32_t taken = best[end - 1 - weight] + value;
        best[end - 1] = taken > best[end - 1] ? taken : best[end - 1];
    }
}

static uint32_t by_table(const struct item *item, size_t n, size_t capacity, uint32_t *best)
{
    memset(best, 0, (capacity + 1) * sizeof *best);
    for (size_t i = 0; i < n; i++)
        take(best, capacity, item[i].weight, item[i].value);
    return best[capacity];
}

static int by_worth(const void *left, const void *right)
{
    const struct item *a = left;
    const struct item *b = right;
    uint64_t one = (uint64_t)a->value * b->weight;
    uint64_t other = (uint64_t)b->value * a->weight;
    return (one < other) - (one > other);
}

/* Copies the items that fit at all, the best ones first; returns their number. */
static size_t ordered(const uint32_t *weight, const uint32_t *value, size_t n, size_t capacity,
                      struct item *item, uint32_t *free_value)
{
    size_t count = 0;
    uint32_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        if (weight[i] == 0)
            sum += value[i]; /* no order of worth has a place for them */
        else if (weight[i] <= capacity && value[i] > 0)
            item[count++] = (struct item){weight[i], value[i]};
    }
    *free_value = sum;
    if (count > 1)
        qsort(item, count, sizeof *item, by_worth);
    return count;
}

/* What the items from number i on can add at most, if fractions could be taken. */
static uint64_t bound(const struct item *item, size_t n, size_t i, size_t room)
{
    uint64_t value = 0;

    for (; i < n && item[i].weight <= room; i++) {
        room -= item[i].weight;
        value += item[i].value;
    }
    return i < n ? value + (uint64_t)room * item[i].value / item[i].weight : value;
}

/* Returns whether the search came to its end, and then the greatest value in *best. */
static int by_search(const struct item *item, size_t n, size_t capacity, uint32_t *best)
{
    uint8_t taken[MOST_ITEMS];
    size_t room = capacity;
    uint64_t value = 0;
    uint64_t most = 0;
    size_t i = 0;

    for (size_t steps = capacity / 8 + 1000; steps > 0; steps--) {
        if (value + bound(item, n, i, room) > most) {
            for (; i < n; i++) {
                taken[i] = item[i].weight <= room;
                if (!taken[i]) {
                    i++;
                    break;
                }
                room -= item[i].weight;
                value += item[i].value;
            }
            most = value > most ? value : most;
            if (i < n)
                continue;
        }
        while (i > 0 && !taken[i - 1])
            i--;
        if (i == 0) {
            *best = (uint32_t)most;
            return 1;
        }
        taken[i - 1] = 0;
        room += item[i - 1].weight;
        value -= item[i - 1].value;
    }
    return 0;
}

uint32_t knap01(const uint32_t *weight, const uint32_t *value, size_t n, size_t capacity,
                uint32_t *best)
{
    struct item item[MOST_ITEMS];
    uint32_t free_value;
    uint32_t found;
    size_t count = ordered(weight, value, n, capacity, item, &free_value);

    if (!by_search(item, count, capacity, &found))
        found = by_table(item, count, capacity, best);
    return free_value + found;
}
