#include "table.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BUCKETS = 64 };

void *allocate(size_t size)
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

void table_init(struct table *table)
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
void table_count(struct table *table, const char *word)
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

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->bucket_count; i++) {
        struct entry *entry = table->buckets[i];
        while (entry != NULL) {
            struct entry *next = entry->next;
            free(entry->word);
            free(entry);
            entry = next;
        }
    }
    free(table->buckets);
}

/* Returns a new array of all entries, in no particular order. */
struct entry **table_entries(const struct table *table)
{
    struct entry **entries = allocate((table->entry_count + 1) * sizeof *entries);
    size_t n = 0;

    for (size_t i = 0; i < table->bucket_count; i++) {
        for (struct entry *entry = table->buckets[i]; entry != NULL; entry = entry->next)
            entries[n++] = entry;
    }
    return entries;
}
