/* Wrong: strtoll skips spaces and blank lines and stops at what is no number. */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

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

static void read_list(struct list *list)
{
    char line[256];

    while (fgets(line, sizeof line, stdin) != NULL)
        append(list, strtoll(line, NULL, 10));
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
