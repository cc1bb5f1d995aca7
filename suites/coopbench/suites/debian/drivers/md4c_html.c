/* Renders Markdown with nested lists, tables, code, links and emphasis as HTML. */
#include "driver.h"
#include "md4c.h"
#include "md4c-html.h"

struct output {
    uint64_t h;
    size_t size;
};

static void take(const MD_CHAR *text, MD_SIZE size, void *data)
{
    struct output *out = data;
    out->h = digest(out->h, text, size);
    out->size += size;
}

static const char *const pieces[] = {
    "# ",      "## ",     "- ",       "  - ",   "1. ",    "> ",         "```\n",  "`",
    "*",       "**",      "_",        "~~",     "\n\n",   "\n",         "    ",   "[link](",
    ")",       "](http:", "<b>",      "&amp;",  "| a | b |\n|---|---|\n| ", " | ",
    "http://example.org/", "![i](x)", "\\*",    "***\n",  "<!-- c -->", "[ref]: /u\n", "Setext\n===\n",
};

int main(int argc, char **argv)
{
    size_t size, at = 0;
    struct stream s = begin(argc, argv, &size);
    char *words = room(size), *text = room(size);
    make_text(words, size, &s);
    for (size_t i = 0; i < size; i++)
        words[i] &= 0x7f;
    while (at < size) {
        const char *piece = pieces[below(&s, sizeof pieces / sizeof *pieces)];
        size_t length = strlen(piece), run = 5 + below(&s, 60);
        if (length + run > size - at)
            break;
        memcpy(text + at, piece, length);
        memcpy(text + at + length, words + at, run);
        at += length + run;
    }
    for (size_t i = 0; i < at; i++)
        if (!text[i])
            text[i] = ' ';
    struct output out = {DIGEST, 0};
    require(!md_html(text, (MD_SIZE)at, take, &out, MD_DIALECT_GITHUB, 0), "rendering");
    require(!md_html(text, (MD_SIZE)at, take, &out, MD_DIALECT_COMMONMARK, MD_HTML_FLAG_XHTML),
            "rendering");
    printf("%zu %zu %016llx\n", at, out.size, (unsigned long long)out.h);
    return 0;
}
