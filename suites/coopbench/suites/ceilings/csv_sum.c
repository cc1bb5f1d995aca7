/* Sums numbers of up to 18 digits while it scans; a newline behind the text ends every loop. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct column {
    int64_t sum;
    uint64_t numbers;
    int overflown;
};

struct table {
    struct column *columns;
    size_t count;
    size_t capacity;
};

static void *enlarge(void *memory, size_t size)
{
    void *larger = realloc(memory, size);
    if (larger == NULL) {
        fputs("csv_sum: out of memory\n", stderr);
        exit(1);
    }
    return larger;
}

static inline struct column *column_at(struct table *table, size_t at)
{
    if (at < table->count)
        return &table->columns[at];
    if (at >= table->capacity) {
        table->capacity = 2 * at + 8;
        table->columns = enlarge(table->columns, table->capacity * sizeof *table->columns);
    }
    while (table->count <= at)
        table->columns[table->count++] = (struct column){0, 0, 0};
    return &table->columns[at];
}

/* Adds the field if it is a number. */
static void add_field(struct column *column, const char *text, const char *stop)
{
    int negative = text < stop && *text == '-';
    uint64_t number = 0;
    int fits = 1;
    int64_t value;

    if (text < stop && (*text == '-' || *text == '+'))
        text++;
    if (text == stop)
        return;
    for (; text < stop; text++) {
        unsigned digit = (unsigned)*text - '0';
        if (digit > 9)
            return;
        fits &= number < UINT64_MAX / 10 - 1;
        number = 10 * number + digit;
    }
    column->numbers++;
    fits &= number <= (uint64_t)INT64_MAX + (uint64_t)negative;
    value = negative ? (int64_t)(0 - number) : (int64_t)number;
    if (!fits || __builtin_add_overflow(column->sum, value, &value))
        column->overflown = 1;
    else
        column->sum = value;
}

/* Reads a quoted field into copy; returns where it ends and sets *length. */
static const char *read_quoted(const char *at, const char *end, char *copy, size_t *length)
{
    size_t n = 0;

    for (at++; at < end; at++) {
        if (*at == '"') {
            if (at + 1 == end || at[1] != '"') {
                at++;
                break;
            }
            at++;
        }
        copy[n++] = *at;
    }
    while (at < end && *at != ',' && *at != '\n')
        copy[n++] = *at++;
    if (at < end && *at == '\n' && at[-1] == '\r')
        n--;
    *length = n;
    return at;
}

/* Adds a number that fits; the sum may not. */
static void add(struct column *column, int64_t value)
{
    column->numbers++;
    if (__builtin_add_overflow(column->sum, value, &value))
        column->overflown = 1;
    else
        column->sum = value;
}

/*
 * Reads a field that is not quoted, and adds it if it is a number. Returns where it ends: at a
 * comma, a newline, or the end of the text, where a newline has been put.
 */
static const char *read_plain(struct column *column, const char *at, const char *end)
{
    const char *start = at;
    int negative = *at == '-';
    uint64_t number = 0;

    at += negative || *at == '+';
    const char *digits = at;
    for (unsigned digit; (digit = (unsigned)*at - '0') <= 9; at++)
        number = 10 * number + digit;
    size_t length = (size_t)(at - digits);
    if ((*at == ',' || *at == '\n') && length - 1 < 18) {
        add(column, negative ? -(int64_t)number : (int64_t)number);
        return at;
    }
    while (*at != ',' && *at != '\n')
        at++;
    const char *stop = at < end && *at == '\n' && at > start && at[-1] == '\r' ? at - 1 : at;
    if (length > 0) /* too long, or followed by something */
        add_field(column, start, stop);
    return at;
}

static uint64_t sum_columns(struct table *table, const char *at, const char *end, char *copy)
{
    uint64_t records = 0;
    size_t column = 0;
    int comma = 0;

    while (at < end) {
        int newline;
        if (*at == '"') {
            size_t length;
            at = read_quoted(at, end, copy, &length);
            newline = at < end && *at == '\n';
            add_field(column_at(table, column), copy, copy + length);
        } else {
            if (column == 0 && (*at == '\n' || (*at == '\r' && at[1] == '\n' && at + 1 < end))) {
                at += *at == '\n' ? 1 : 2;
                continue;
            }
            at = read_plain(column_at(table, column), at, end);
            newline = at < end && *at == '\n';
        }
        column++;
        if (newline) {
            records++;
            column = 0;
        }
        comma = at < end && *at == ',';
        at += at < end;
    }
    if (column > 0) { /* no newline ends the last line; a comma does begin a field */
        if (comma)
            column_at(table, column);
        records++;
    }
    return records;
}

int main(void)
{
    struct table table = {NULL, 0, 0};
    size_t capacity = 1 << 16;
    size_t size = 0;
    char *text = enlarge(NULL, capacity);
    size_t part;

    while ((part = fread(text + size, 1, capacity - size, stdin)) > 0) {
        size += part;
        if (size == capacity) {
            capacity *= 2;
            text = enlarge(text, capacity);
        }
    }
    text[size] = '\n'; /* there is room: the last part was empty, and not for want of it */
    char *copy = enlarge(NULL, size + 1);
    uint64_t records = sum_columns(&table, text, text + size, copy);
    for (size_t i = 0; i < table.count; i++) {
        const struct column *column = &table.columns[i];
        if (column->overflown)
            printf("column %zu: ERR (%" PRIu64 " numbers)\n", i + 1, column->numbers);
        else
            printf("column %zu: %" PRId64 " (%" PRIu64 " numbers)\n", i + 1, column->sum,
                   column->numbers);
    }
    printf("%" PRIu64 " records\n", records);
    free(copy);
    free(text);
    free(table.columns);
    return fflush(stdout) == 0 ? 0 : 1;
}
