/*
 * Expert version: input by the block; a merge sort without unpredictable branches counts while it
 * merges, from runs of eight numbers up, back and forth between two arrays.
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_DIGITS = 18, RUN = 8 };

static void fail(const char *what)
{
    fprintf(stderr, "inversions: %s\n", what);
    exit(1);
}

struct input {
    char *text; /* a zero byte follows */
    size_t length;
};

/* Reads all of standard input. */
static struct input read_input(void)
{
    struct input input = {NULL, 0};
    size_t capacity = 1 << 18;
    size_t got;

    do {
        input.text = realloc(input.text, capacity + 1);
        if (input.text == NULL)
            fail("out of memory");
        got = fread(input.text + input.length, 1, capacity - input.length, stdin);
        input.length += got;
        capacity = input.length == capacity ? 2 * capacity : capacity;
    } while (got > 0);
    input.text[input.length] = 0;
    return input;
}

/* Reads all lines into x, and returns how many there are. */
static size_t parse(const char *at, const char *end, int64_t *x)
{
    size_t count = 0;

    while (at < end) {
        int negative = *at == '-';
        int64_t value = 0;
        at += negative;
        const char *first = at;
        for (; *at >= '0' && *at <= '9' && at - first < MOST_DIGITS; at++)
            value = 10 * value + (*at - '0');
        if (at == first || (at < end && *at != '\n')) {
            fprintf(stderr, "inversions: line %zu is not a number\n", count + 1);
            exit(1);
        }
        at++;
        x[count++] = negative ? -value : value;
    }
    return count;
}

/* Sorts a short run by insertion; each move undoes an inversion. */
static uint64_t insertion(int64_t *x, size_t n)
{
    uint64_t inversions = 0;

    for (size_t i = 1; i < n; i++) {
        int64_t value = x[i];
        size_t at = i;
        for (; at > 0 && x[at - 1] > value; at--)
            x[at] = x[at - 1];
        x[at] = value;
        inversions += i - at;
    }
    return inversions;
}

static uint64_t merge(const int64_t *left, const int64_t *middle, const int64_t *end, int64_t *to)
{
    const int64_t *right = middle;
    uint64_t inversions = 0;

    while (left < middle && right < end) {
        size_t later = *right < *left;
        *to++ = later ? *right : *left;
        inversions += (size_t)(middle - left) & (0 - later);
        right += later;
        left += 1 - later;
    }
    while (left < middle)
        *to++ = *left++;
    while (right < end)
        *to++ = *right++;
    return inversions;
}

static size_t smaller(size_t x, size_t y)
{
    return x < y ? x : y;
}

static uint64_t count_inversions(int64_t *from, int64_t *to, size_t n)
{
    uint64_t inversions = 0;

    for (size_t start = 0; start < n; start += RUN)
        inversions += insertion(from + start, smaller(RUN, n - start));
    for (size_t run = RUN; run < n; run *= 2) {
        for (size_t start = 0; start < n; start += 2 * run) {
            size_t middle = smaller(start + run, n);
            size_t end = smaller(start + 2 * run, n);
            inversions += merge(from + start, from + middle, from + end, to + start);
        }
        int64_t *swap = from;
        from = to;
        to = swap;
    }
    return inversions;
}

int main(void)
{
    struct input input = read_input();
    size_t most = input.length / 2 + 1; /* a number has a digit and a newline at least */
    int64_t *x = malloc(2 * most * sizeof *x);
    if (x == NULL)
        fail("out of memory");
    size_t count = parse(input.text, input.text + input.length, x);

    printf("%" PRIu64 "\n", count_inversions(x, x + most, count));
    free(x);
    free(input.text);
    return fflush(stdout) == 0 ? 0 : 1;
}
