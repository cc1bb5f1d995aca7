/* Wrong: loses a word that the end of the input follows. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct entry *next; /* in the same bucket */
    size_t hash;
    size_t count;
    char *word;
};

struct table {
    struct entry **buckets;
    size_t bucket_count; /* a power of two */
    size_t entry_count;
};

enum { FIRST_BUCKETS = 64 };

static void *allocate(size_t size)
{
    void *memory = malloc(size);
    if (memory == NULL) {
        fputs("word_freq: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

static size_t hash_word(const char *word)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (const char *p = word; *p != '\0'; p++)
        hash = (hash ^ (unsigned char)*p) * 0x100000001B3u;
    return (size_t)(hash ^ (hash >> 32));
}

static struct entry **new_buckets(size_t count)
{
    struct entry **buckets = allocate(count * sizeof *buckets);
    for (size_t i = 0; i < count; i++)
        buckets[i] = NULL;
    return buckets;
}

static void table_init(struct table *table)
{
    table->bucket_count = FIRST_BUCKETS;
    table->entry_count = 0;
    table->buckets = new_buckets(FIRST_BUCKETS);
}

static void grow(struct table *table)
{
    size_t bucket_count = 2 * table->bucket_count;
    struct entry **buckets = new_buckets(bucket_count);

    for (size_t i = 0; i < table->bucket_count; i++) {
        struct entry *entry = table->buckets[i];
        while (entry != NULL) {
            struct entry *next = entry->next;
            struct entry **bucket = &buckets[entry->hash & (bucket_count - 1)];
            entry->next = *bucket;
            *bucket = entry;
            entry = next;
        }
    }
    free(table->buckets);
    table->buckets = buckets;
    table->bucket_count = bucket_count;
}

/* Adds one occurrence of the word. */
static void table_count(struct table *table, const char *word)
{
    size_t hash = hash_word(word);
    struct entry **bucket = &table->buckets[hash & (table->bucket_count - 1)];

    for (struct entry *entry = *bucket; entry != NULL; entry = entry->next) {
        if (entry->hash == hash && strcmp(entry->word, word) == 0) {
            entry->count++;
            return;
        }
    }

    size_t size = strlen(word) + 1;
    struct entry *entry = allocate(sizeof *entry);
    entry->word = memcpy(allocate(size), word, size);
    entry->hash = hash;
    entry->count = 1;
    entry->next = *bucket;
    *bucket = entry;
    table->entry_count++;
    if (table->entry_count > table->bucket_count)
        grow(table);
}

/* Returns a new array of all entries, in no particular order. */
static struct entry **table_entries(const struct table *table)
{
    struct entry **entries = allocate((table->entry_count + 1) * sizeof *entries);
    size_t n = 0;

    for (size_t i = 0; i < table->bucket_count; i++) {
        for (struct entry *entry = table->buckets[i]; entry != NULL; entry = entry->next)
            entries[n++] = entry;
    }
    return entries;
}

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

    while ((c = getchar()) != EOF) {
        char letter = lower_letter(c);
        if (letter != 0) {
            append(&word, letter);
        } else if (word.length > 0) {
            append(&word, '\0');
            table_count(table, word.text);
            word.length = 0;
        }
    }
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
    return fflush(stdout) == 0 ? 0 : 1;
}
