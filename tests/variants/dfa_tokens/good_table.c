/* Runs a table of states and byte classes, made at the start; tokens are counted where they begin. */
#include <stddef.h>
#include <stdint.h>

enum state { SPACE, IN_WORD, IN_NUMBER, IN_STRING, IN_ESCAPE, IN_COMMENT, PAIR, SINGLE, STATES };
enum kind { WORD, NUMBER, STRING, OPEN_STRING, COMMENT, OPERATOR, NONE, KINDS };

struct move {
    uint8_t state;
    uint8_t kind; /* of the token that begins with this byte; a string is open until it is closed */
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

void dfa_tokens(const uint8_t *text, size_t n, uint32_t *counts)
{
    struct move next[STATES][256];
    uint32_t begun[KINDS] = {0};
    size_t state = SPACE;

    for (int s = 0; s < STATES; s++) {
        for (int c = 0; c < 256; c++)
            next[s][c] = transition(s, c);
    }
    for (size_t i = 0; i < n; i++) {
        struct move move = next[state][text[i]];
        begun[move.kind]++;
        state = move.state;
    }
    begun[OPEN_STRING] -= begun[STRING];
    for (size_t kind = 0; kind < 6; kind++)
        counts[kind] = begun[kind];
}
