/* Wrong: has no place for the smallest number of 64 bits. */
/*
 * Sums the columns of a table of comma-separated values on standard input and prints, for each
 * column, the sum and how many numbers went into it, and at the end the number of records.
 *
 * A record is a line; a carriage return before the newline is not part of it, and an empty line is
 * no record. A field that begins with a quotation mark goes on to the next single quotation mark;
 * within it commas and newlines are ordinary and two quotation marks stand for one. What follows
 * the closing mark up to the next comma still belongs to the field. A field is a number if it is a
 * sequence of decimal digits, perhaps with a sign; all other fields are ignored. If a number, or
 * the sum after any of the numbers from the top, does not fit into 64 bits, the sum is ERR.
 */

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
    uint64_t records;
};

struct field {
    char *text;
    size_t length;
    size_t capacity;
    int quoted;
    size_t column;
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

static void append(struct field *field, char c)
{
    if (field->length == field->capacity) {
        field->capacity = 2 * field->capacity + 16;
        field->text = enlarge(field->text, field->capacity);
    }
    field->text[field->length++] = c;
}

static struct column *column_at(struct table *table, size_t at)
{
    if (at >= table->capacity) {
        table->capacity = 2 * at + 8;
        table->columns = enlarge(table->columns, table->capacity * sizeof *table->columns);
    }
    while (table->count <= at)
        table->columns[table->count++] = (struct column){0, 0, 0};
    return &table->columns[at];
}

/* Returns whether the field is a number; *fits tells whether it is one of 64 bits, *value which. */
static int parse_number(const struct field *field, int64_t *value, int *fits)
{
    int negative = field->length > 0 && field->text[0] == '-';
    size_t i = negative || (field->length > 0 && field->text[0] == '+') ? 1 : 0;
    int64_t number = 0;

    *fits = 1;
    if (i == field->length)
        return 0;
    for (; i < field->length; i++) {
        if (field->text[i] < '0' || field->text[i] > '9')
            return 0;
        int digit = field->text[i] - '0';
        /* Negative numbers reach further, so the value is collected below zero. */
        if (number < (INT64_MIN + digit) / 10)
            *fits = 0;
        else
            number = 10 * number - digit;
    }
    if (number == INT64_MIN)
        *fits = 0;
    else
        *value = negative ? number : -number;
    return 1;
}

static void end_field(struct table *table, struct field *field)
{
    struct column *column = column_at(table, field->column);
    int64_t value = 0;
    int fits;

    if (parse_number(field, &value, &fits)) {
        column->numbers++;
        if (!fits || (value > 0 && column->sum > INT64_MAX - value) ||
            (value < 0 && column->sum < INT64_MIN - value))
            column->overflown = 1;
        else
            column->sum += value;
    }
    field->length = 0;
    field->quoted = 0;
    field->column++;
}

static void end_record(struct table *table, struct field *field)
{
    if (field->column > 0 || field->length > 0 || field->quoted) {
        end_field(table, field);
        table->records++;
    }
    field->column = 0;
}

static void read_table(struct table *table)
{
    enum { START, PLAIN, QUOTED, QUOTE_SEEN } state = START;
    struct field field = {NULL, 0, 0, 0, 0};
    int previous = EOF;
    int c;

    for (; (c = getchar()) != EOF; previous = c) {
        if (state == START && c == '"') {
            state = QUOTED;
            field.quoted = 1;
        } else if (state == QUOTED) {
            if (c == '"')
                state = QUOTE_SEEN;
            else
                append(&field, (char)c);
        } else if (state == QUOTE_SEEN && c == '"') {
            append(&field, '"');
            state = QUOTED;
        } else if (c == ',') {
            end_field(table, &field);
            state = START;
        } else if (c == '\n') {
            if (previous == '\r')
                field.length--;
            end_record(table, &field);
            state = START;
        } else {
            append(&field, (char)c);
            state = PLAIN;
        }
    }
    end_record(table, &field);
    free(field.text);
}

int main(void)
{
    struct table table = {NULL, 0, 0, 0};

    read_table(&table);
    for (size_t i = 0; i < table.count; i++) {
        const struct column *column = &table.columns[i];
        if (column->overflown)
            printf("column %zu: ERR (%" PRIu64 " numbers)\n", i + 1, column->numbers);
        else
            printf("column %zu: %" PRId64 " (%" PRIu64 " numbers)\n", i + 1, column->sum,
                   column->numbers);
    }
    printf("%" PRIu64 " records\n", table.records);
    free(table.columns);
    return fflush(stdout) == 0 ? 0 : 1;
}
