/* Four parts of the text, cut at newlines, run side by side through a table of states and bytes. */
#include <stddef.h>
#include <stdint.h>

enum state { SPACE, IN_WORD, IN_NUMBER, IN_STRING, IN_ESCAPE, IN_COMMENT, PAIR, SINGLE, STATES };
enum kind { WORD, NUMBER, STRING, OPEN_STRING, COMMENT, OPERATOR, NONE, KINDS };

enum { PARTS = 4, FIELD = 9, BURST = (1 << FIELD) - 1 };

struct move {
    uint8_t state;
    uint8_t kind; /* of the token that begins with this byte; a string is open until it is closed */
};

/* What a byte does in a state: where the row of the next state begins, and what it adds to the
 * counters, which are fields of one word. */
struct table {
    uint16_t row[STATES * 256];
    uint64_t counted[STATES * 256];
};

static int is_word_byte(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static struct move from_space(int c)
{
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
        return (struct move){SPACE, NONE};
    if (is_word_byte(c))
        return (struct move){IN_WORD, WORD};
    if (c >= '0' && c <= '9')
        return (struct move){IN_NUMBER, NUMBER};
    if (c == '"')
        return (struct move){IN_STRING, OPEN_STRING};
    if (c == '#')
        return (struct move){IN_COMMENT, COMMENT};
    if (c == '=' || c == '!' || c == '<' || c == '>')
        return (struct move){PAIR, OPERATOR};
    return (struct move){SINGLE, OPERATOR};
}

static struct move transition(int state, int c)
{
    int digit = c >= '0' && c <= '9';

    if (c == '\n')
        return (struct move){SPACE, NONE};
    switch (state) {
    case IN_WORD:
        return is_word_byte(c) || digit ? (struct move){IN_WORD, NONE} : from_space(c);
    case IN_NUMBER:
        return digit || c == '.' ? (struct move){IN_NUMBER, NONE} : from_space(c);
    case IN_STRING:
        if (c == '"')
            return (struct move){SINGLE, STRING};
        return (struct move){c == '\\' ? IN_ESCAPE : IN_STRING, NONE};
    case IN_ESCAPE:
        return (struct move){IN_STRING, NONE};
    case IN_COMMENT:
        return (struct move){IN_COMMENT, NONE};
    case PAIR:
        return c == '=' ? (struct move){SINGLE, NONE} : from_space(c);
    default:
        return from_space(c);
    }
}

static void make(struct table *table)
{
    for (int state = 0; state < STATES; state++) {
        for (int c = 0; c < 256; c++) {
            struct move move = transition(state, c);
            table->row[256 * state + c] = (uint16_t)(256 * move.state);
            table->counted[256 * state + c] = (uint64_t)1 << (FIELD * move.kind);
        }
    }
}

static void add(uint32_t *begun, uint64_t counters)
{
    for (size_t kind = 0; kind < KINDS; kind++)
        begun[kind] += (uint32_t)(counters >> (FIELD * kind)) & BURST;
}

/* Runs one part of the text, which begins in a line's first column. */
static void run(const struct table *table, const uint8_t *text, size_t n, size_t row,
                uint32_t *begun)
{
    for (size_t from = 0; from < n; from += BURST) {
        size_t to = n - from < BURST ? n : from + BURST;
        uint64_t counters = 0;
        for (size_t i = from; i < to; i++) {
            size_t at = row + text[i];
            counters += table->counted[at];
            row = table->row[at];
        }
        add(begun, counters);
    }
}

/* Runs the same number of bytes of every part; the rows at the end are left in row. */
static void run_together(const struct table *table, const uint8_t *const *text, size_t n,
                         size_t *row, uint32_t *begun)
{
    for (size_t from = 0; from < n; from += BURST) {
        size_t to = n - from < BURST ? n : from + BURST;
        size_t a = row[0], b = row[1], c = row[2], d = row[3];
        uint64_t ca = 0, cb = 0, cc = 0, cd = 0;
        for (size_t i = from; i < to; i++) {
            size_t ia = a + text[0][i];
            size_t ib = b + text[1][i];
            size_t ic = c + text[2][i];
            size_t id = d + text[3][i];
            ca += table->counted[ia];
            cb += table->counted[ib];
            cc += table->counted[ic];
            cd += table->counted[id];
            a = table->row[ia];
            b = table->row[ib];
            c = table->row[ic];
            d = table->row[id];
        }
        row[0] = a, row[1] = b, row[2] = c, row[3] = d;
        add(begun, ca);
        add(begun, cb);
        add(begun, cc);
        add(begun, cd);
    }
}

void dfa_tokens(const uint8_t *text, size_t n, uint32_t *counts)
{
    struct table table;
    uint32_t begun[KINDS] = {0};
    const uint8_t *part[PARTS];
    size_t length[PARTS];
    size_t row[PARTS] = {0};
    size_t start = 0;
    size_t shortest = n;

    make(&table);
    for (size_t k = 0; k < PARTS; k++) {
        size_t stop = k + 1 < PARTS ? n / PARTS * (k + 1) : n;
        stop = stop < start ? start : stop;
        while (stop < n && (stop == 0 || text[stop - 1] != '\n'))
            stop++;
        part[k] = text + start;
        length[k] = stop - start;
        shortest = length[k] < shortest ? length[k] : shortest;
        start = stop;
    }
    run_together(&table, part, shortest, row, begun);
    for (size_t k = 0; k < PARTS; k++)
        run(&table, part[k] + shortest, length[k] - shortest, row[k], begun);
    begun[OPEN_STRING] -= begun[STRING];
    for (size_t kind = 0; kind < 6; kind++)
        counts[kind] = begun[kind];
}
