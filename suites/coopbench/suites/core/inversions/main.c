/*
 * Counts the inversions of a list: the pairs of numbers of which the earlier one is greater.
 *
 * Standard input has one number a line, an optional minus sign and 1 to 18 digits, and nothing
 * else; the last line may lack its newline. Prints the count. A line that is no number is an
 * error: its line number goes to standard error, and the status is 1.
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

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

static uint64_t count_inversions(const struct list *list)
{
    uint64_t inversions = 0;

    for (size_t i = 0; i < list->count; i++)
        for (size_t j = i + 1; j < list->count; j++)
            inversions += list->number[i] > list->number[j];
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
