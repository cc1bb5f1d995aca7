/* Merge sort counts, for each number from the right half, what is left of the left one. */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DIGITS = 18 };

struct list {
    int64_t *number;
    size_t count;
    size_t capacity;
};

static void append(struct list *list, int64_t number)
{
    if (list->count == list->capacity) {
        size_t capacity = 2 * list->capacity + 64;
        int64_t *larger = realloc(list->number, capacity * sizeof *larger);
        if (larger == NULL) {
            fputs("inversions: out of memory\n", stderr);
            exit(1);
        }
        list->number = larger;
        list->capacity = capacity;
    }
    list->number[list->count++] = number;
}

/* Reads a line that starts with the character c. Returns whether it is a number. */
static int read_number(int c, int64_t *number)
{
    int negative = c == '-';
    int digits = 0;
    int64_t value = 0;

    if (negative)
        c = getchar();
    for (; c >= '0' && c <= '9' && digits < MOST_DIGITS; digits++) {
        value = 10 * value + (c - '0');
        c = getchar();
    }
    *number = negative ? -value : value;
    return digits > 0 && (c == '\n' || c == EOF);
}

static void read_list(struct list *list)
{
    int c;

    while ((c = getchar()) != EOF) {
        int64_t number;
        if (!read_number(c, &number)) {
            fprintf(stderr, "inversions: line %zu is not a number\n", list->count + 1);
            exit(1);
        }
        append(list, number);
    }
}

/* Sorts x and returns the number of inversions it had. */
static uint64_t sort(int64_t *x, size_t n, int64_t *room)
{
    if (n < 2)
        return 0;
    size_t left = n / 2;
    uint64_t inversions = sort(x, left, room) + sort(x + left, n - left, room);
    size_t i = 0;
    size_t j = left;

    memcpy(room, x, n * sizeof *x);
    for (size_t k = 0; k < n; k++) {
        if (j == n || (i < left && room[i] <= room[j])) {
            x[k] = room[i++];
        } else {
            inversions += left - i;
            x[k] = room[j++];
        }
    }
    return inversions;
}

static uint64_t count_inversions(const struct list *list)
{
    int64_t *room = malloc((list->count + 1) * sizeof *room);
    if (room == NULL) {
        fputs("inversions: out of memory\n", stderr);
        exit(1);
    }
    uint64_t inversions = sort(list->number, list->count, room);
    free(room);
    return inversions;
}

int main(void)
{
    struct list list = {NULL, 0, 0};

    read_list(&list);
    printf("%" PRIu64 "\n", count_inversions(&list));
    free(list.number);
    return fflush(stdout) == 0 ? 0 : 1;
}
