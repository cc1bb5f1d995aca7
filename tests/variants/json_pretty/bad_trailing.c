/* Wrong: accepts anything behind the document. */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 256, END = -1 };

enum kind { OPEN, CLOSE, COMMA, COLON, SCALAR };

struct token {
    enum kind kind;
    size_t start;
    size_t length;
};

struct document {
    char *text;
    size_t size;
    size_t at; /* everything before is tokenized */
    struct token *tokens;
    size_t count;
    size_t capacity;
};

static void *resize(void *memory, size_t size)
{
    memory = realloc(memory, size);
    if (memory == NULL) {
        fputs("json_pretty: out of memory\n", stderr);
        exit(3);
    }
    return memory;
}

static void read_all(struct document *doc)
{
    size_t capacity = 4096;
    size_t got;

    doc->text = resize(NULL, capacity);
    while ((got = fread(doc->text + doc->size, 1, capacity - doc->size, stdin)) > 0) {
        doc->size += got;
        if (doc->size == capacity) {
            capacity *= 2;
            doc->text = resize(doc->text, capacity);
        }
    }
}

/* Tokenizer: every function returns false with doc->at on the first wrong byte. */

static int peek(const struct document *doc)
{
    return doc->at < doc->size ? (unsigned char)doc->text[doc->at] : END;
}

static bool accept(struct document *doc, char c)
{
    if (peek(doc) != c)
        return false;
    doc->at++;
    return true;
}

static bool accept_digits(struct document *doc)
{
    size_t start = doc->at;
    while (peek(doc) >= '0' && peek(doc) <= '9')
        doc->at++;
    return doc->at > start;
}

static bool accept_word(struct document *doc, const char *word)
{
    while (*word != '\0') {
        if (!accept(doc, *word++))
            return false;
    }
    return true;
}

static bool accept_number(struct document *doc)
{
    accept(doc, '-');
    if (!accept(doc, '0') && !accept_digits(doc))
        return false;
    if (accept(doc, '.') && !accept_digits(doc))
        return false;
    if (accept(doc, 'e') || accept(doc, 'E')) {
        if (!accept(doc, '-'))
            accept(doc, '+');
        return accept_digits(doc);
    }
    return true;
}

static bool is_hex(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool accept_escape(struct document *doc)
{
    int c = peek(doc);

    if (c == END || c == '\0' || strchr("\"\\/bfnrtu", c) == NULL)
        return false;
    doc->at++;
    for (int digits = c == 'u' ? 4 : 0; digits > 0; digits--) {
        if (!is_hex(peek(doc)))
            return false;
        doc->at++;
    }
    return true;
}

static bool accept_string(struct document *doc)
{
    if (!accept(doc, '"'))
        return false;
    while (!accept(doc, '"')) {
        if (peek(doc) < ' ') /* the end, or a control character */
            return false;
        if (accept(doc, '\\')) {
            if (!accept_escape(doc))
                return false;
        } else {
            doc->at++;
        }
    }
    return true;
}

static void add_token(struct document *doc, enum kind kind, size_t start)
{
    if (doc->count == doc->capacity) {
        doc->capacity = 2 * doc->capacity + 64;
        doc->tokens = resize(doc->tokens, doc->capacity * sizeof *doc->tokens);
    }
    doc->tokens[doc->count++] = (struct token){kind, start, doc->at - start};
}

static void skip_space(struct document *doc)
{
    int c = peek(doc);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        doc->at++;
        c = peek(doc);
    }
}

/* Parser: adds the tokens of what it accepts. */

static bool accept_mark(struct document *doc, char mark, enum kind kind)
{
    skip_space(doc);
    if (!accept(doc, mark))
        return false;
    add_token(doc, kind, doc->at - 1);
    return true;
}

static bool parse_scalar(struct document *doc)
{
    size_t start = doc->at;
    bool good;

    switch (peek(doc)) {
    case '"': good = accept_string(doc); break;
    case 't': good = accept_word(doc, "true"); break;
    case 'f': good = accept_word(doc, "false"); break;
    case 'n': good = accept_word(doc, "null"); break;
    default: good = accept_number(doc); break;
    }
    if (good)
        add_token(doc, SCALAR, start);
    return good;
}

static bool parse_key(struct document *doc)
{
    skip_space(doc);
    size_t start = doc->at;
    if (!accept_string(doc))
        return false;
    add_token(doc, SCALAR, start);
    return accept_mark(doc, ':', COLON);
}

static bool parse_value(struct document *doc, int depth);

static bool parse_members(struct document *doc, char close, int depth)
{
    if (depth > MAX_DEPTH) {
        doc->at--; /* the bracket that is one too many */
        return false;
    }
    if (accept_mark(doc, close, CLOSE))
        return true;
    do {
        if (close == '}' && !parse_key(doc))
            return false;
        if (!parse_value(doc, depth))
            return false;
    } while (accept_mark(doc, ',', COMMA));
    return accept_mark(doc, close, CLOSE);
}

static bool parse_value(struct document *doc, int depth)
{
    if (accept_mark(doc, '[', OPEN))
        return parse_members(doc, ']', depth + 1);
    if (accept_mark(doc, '{', OPEN))
        return parse_members(doc, '}', depth + 1);
    return parse_scalar(doc);
}

static bool parse(struct document *doc)
{
    if (!parse_value(doc, 0))
        return false;
    skip_space(doc);
    return true;
}

static void new_line(int depth)
{
    putchar('\n');
    for (int i = 0; i < depth; i++)
        fputs("  ", stdout);
}

static void print(const struct document *doc)
{
    int depth = 0;

    for (size_t i = 0; i < doc->count; i++) {
        struct token token = doc->tokens[i];
        bool after_open = i > 0 && doc->tokens[i - 1].kind == OPEN;

        if (token.kind == CLOSE) {
            depth--;
            if (!after_open)
                new_line(depth);
        } else if (after_open) {
            new_line(depth);
        }
        fwrite(doc->text + token.start, 1, token.length, stdout);
        if (token.kind == OPEN)
            depth++;
        else if (token.kind == COMMA)
            new_line(depth);
        else if (token.kind == COLON)
            putchar(' ');
    }
    putchar('\n');
}

int main(void)
{
    struct document doc = {0};
    bool good;

    read_all(&doc);
    good = parse(&doc);
    if (good)
        print(&doc);
    else if (doc.at == doc.size)
        printf("error at byte %zu: the document ends too early\n", doc.at);
    else
        printf("error at byte %zu: unexpected byte 0x%02x\n", doc.at, (unsigned)peek(&doc));
    free(doc.tokens);
    free(doc.text);
    if (fflush(stdout) != 0)
        return 3;
    return good ? 0 : 1;
}
