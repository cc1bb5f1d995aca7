/*
 * Counts the words of standard input and prints them, the most frequent first, words of the same
 * frequency in byte order. A word is a run of ASCII letters; case does not matter.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

struct buffer {
    char *text;
    size_t length;
    size_t capacity;
};

static void append(struct buffer *buffer, char c)
{
    if (buffer->length == buffer->capacity) {
        size_t capacity = 2 * buffer->capacity + 16;
        char *text = allocate(capacity);
        if (buffer->length > 0)
            memcpy(text, buffer->text, buffer->length);
        free(buffer->text);
        buffer->text = text;
        buffer->capacity = capacity;
    }
    buffer->text[buffer->length++] = c;
}

/* Returns the letter in lower case, or 0 if c is no ASCII letter. */
static char lower_letter(int c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c >= 'a' && c <= 'z' ? (char)c : 0;
}

static void count_words(struct table *table)
{
    struct buffer word = {NULL, 0, 0};
    int c;

    do {
        c = getchar();
        char letter = lower_letter(c);
        if (letter != 0) {
            append(&word, letter);
        } else if (word.length > 0) {
            append(&word, '\0');
            table_count(table, word.text);
            word.length = 0;
        }
    } while (c != EOF);
    free(word.text);
}

static int by_frequency(const void *left, const void *right)
{
    const struct entry *a = *(struct entry *const *)left;
    const struct entry *b = *(struct entry *const *)right;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return strcmp(a->word, b->word);
}

int main(void)
{
    struct table table;

    table_init(&table);
    count_words(&table);

    struct entry **entries = table_entries(&table);
    qsort(entries, table.entry_count, sizeof *entries, by_frequency);
    for (size_t i = 0; i < table.entry_count; i++)
        printf("%zu %s\n", entries[i]->count, entries[i]->word);
    free(entries);
    table_free(&table);
    return fflush(stdout) == 0 ? 0 : 1;
}
