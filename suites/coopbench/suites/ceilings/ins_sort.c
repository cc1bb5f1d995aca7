/*
 * Expert version: a stable pass into about as many buckets as there are elements, by linear
 * interpolation between the extremes, then one insertion pass over all. Merge sort where the
 * values are too uneven or not finite, nothing where they are sorted already.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT = 24, MOST_BUCKETS = 4096, FULL = 40 };

static void insertion(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double value = x[i];
        size_t at = i;
        for (; at > 0 && x[at - 1] > value; at--)
            x[at] = x[at - 1];
        x[at] = value;
    }
}

static void merge_sort(double *x, size_t n, double *room)
{
    if (n <= SHORT) {
        insertion(x, n);
        return;
    }
    size_t left = n / 2;
    merge_sort(x, left, room);
    merge_sort(x + left, n - left, room);
    if (x[left - 1] <= x[left])
        return;
    memcpy(room, x, left * sizeof *x);
    size_t i = 0;
    size_t j = left;
    size_t k = 0;
    while (i < left && j < n) {
        int later = x[j] < room[i];
        x[k++] = later ? x[j] : room[i];
        j += (size_t)later;
        i += (size_t)!later;
    }
    memcpy(x + k, room + i, (left - i) * sizeof *x);
}

/* Returns whether x is sorted; otherwise its extremes are in *low and *high. */
static int survey(const double *x, size_t n, double *low, double *high)
{
    double least = x[0];
    double most = x[0];
    int sorted = 1;

    for (size_t i = 1; i < n; i++) {
        sorted &= x[i - 1] <= x[i];
        least = x[i] < least ? x[i] : least;
        most = x[i] > most ? x[i] : most;
    }
    *low = least;
    *high = most;
    return sorted;
}

/* Spreads x over buckets; returns whether none is overfull. */
static int spread(double *x, size_t n, double *room, double low, double scale, size_t buckets)
{
    uint32_t start[MOST_BUCKETS + 1];
    uint32_t fullest = 0;
    uint32_t sum = 0;

    memset(start, 0, (buckets + 1) * sizeof *start);
    for (size_t i = 0; i < n; i++)
        start[(uint32_t)(int32_t)((x[i] - low) * scale)]++;
    for (size_t b = 0; b <= buckets; b++) {
        uint32_t count = start[b];
        fullest = count > fullest ? count : fullest;
        start[b] = sum;
        sum += count;
    }
    if (fullest > FULL)
        return 0;
    memcpy(room, x, n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[start[(uint32_t)(int32_t)((room[i] - low) * scale)]++] = room[i];
    return 1;
}

void ins_sort(double *x, size_t n)
{
    double low;
    double high;

    if (n <= SHORT) {
        insertion(x, n);
        return;
    }
    if (survey(x, n, &low, &high))
        return;
    double *room = malloc(n * sizeof *x);
    if (room == NULL) {
        insertion(x, n);
        return;
    }
    size_t buckets = n < MOST_BUCKETS ? n : MOST_BUCKETS;
    double scale = (double)(buckets - 1) / (high - low);
    /* Also false for infinities and for differences that overflow or vanish. */
    if (scale > 0 && scale < 1e100 && high - low < 1e100 &&
        spread(x, n, room, low, scale, buckets))
        insertion(x, n);
    else
        merge_sort(x, n, room);
    free(room);
}
