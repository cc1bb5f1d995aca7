#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

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

/* All functions that allocate end the program with exit status 1 if memory runs out. */
void *allocate(size_t size);
void table_init(struct table *table);
void table_count(struct table *table, const char *word);
struct entry **table_entries(const struct table *table);
void table_free(struct table *table);

#endif
