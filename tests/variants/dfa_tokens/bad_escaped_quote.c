/* Wrong: an escaped quote closes the string. */
#include <stddef.h>
#include <stdint.h>

enum kind { WORD, NUMBER, STRING, OPEN_STRING, COMMENT, OPERATOR };

static int is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static int is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * Returns where the string that begins at `at` ends, and in *kind whether it is closed. A backslash
 * takes the next byte with it, unless that is a newline.
 */
static size_t string_end(const uint8_t *text, size_t n, size_t at, enum kind *kind)
{
    *kind = OPEN_STRING;
    for (at++; at < n && text[at] != '\n'; at++) {
        if (text[at] == '"') {
            *kind = STRING;
            return at + 1;
        }
    }
    return at;
}

/* Returns where the token that begins at `at` ends, and in *kind what it is. */
static size_t token_end(const uint8_t *text, size_t n, size_t at, enum kind *kind)
{
    uint8_t first = text[at];

    if (first == '"')
        return string_end(text, n, at, kind);
    at++;
    if (is_letter(first)) {
        *kind = WORD;
        while (at < n && (is_letter(text[at]) || is_digit(text[at])))
            at++;
    } else if (is_digit(first)) {
        *kind = NUMBER;
        while (at < n && (is_digit(text[at]) || text[at] == '.'))
            at++;
    } else if (first == '#') {
        *kind = COMMENT;
        while (at < n && text[at] != '\n')
            at++;
    } else {
        *kind = OPERATOR;
        if ((first == '=' || first == '!' || first == '<' || first == '>') && at < n &&
            text[at] == '=')
            at++;
    }
    return at;
}

/*
 * Counts the tokens of text by kind: words, numbers, strings, strings that the end of the line (or
 * of the text) cuts off, comments from # to the end of the line, and operators: the pairs == != <=
 * >= and every other single byte. White space only separates.
 */
void dfa_tokens(const uint8_t *text, size_t n, uint32_t *counts)
{
    for (size_t kind = 0; kind < 6; kind++)
        counts[kind] = 0;
    for (size_t at = 0; at < n;) {
        if (is_space(text[at])) {
            at++;
        } else {
            enum kind kind;
            at = token_end(text, n, at, &kind);
            counts[kind]++;
        }
    }
}
