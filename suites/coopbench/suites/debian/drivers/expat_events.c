/* Parses an XML document in pieces; digests elements, attributes, text, comments, entities. */
#include "driver.h"
#include "expat.h"

static uint64_t h = DIGEST;
static long events;

/* expat asks for a salt of its hash tables; it must not depend on the time of day */
void driver_salt(void *out, size_t size)
{
    memset(out, 0x5a, size);
}

static void text_event(const char *text)
{
    h = digest(h, text, strlen(text));
    events++;
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    (void)data;
    text_event(name);
    for (; *attributes; attributes++)
        text_event(*attributes);
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
    (void)data;
    text_event(name);
}

static void XMLCALL on_text(void *data, const XML_Char *text, int size)
{
    (void)data;
    /* pieces may be cut anywhere, so bytes are digested one by one */
    for (int i = 0; i < size; i++)
        h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
}

static void XMLCALL on_comment(void *data, const XML_Char *text)
{
    (void)data;
    text_event(text);
}

static size_t make_document(char *out, size_t size, struct stream *s)
{
    static const char *const entities[] = {"&lt;", "&amp;", "&#233;", "&own;", "\xc3\xa9", "<!-- c -->"};
    char open[64][8];
    int depth = 0;
    size_t at = (size_t)sprintf(out, "<?xml version=\"1.0\"?>\n<!DOCTYPE r [<!ENTITY own \"of <i>our</i> own\">"
                                     "<!ATTLIST e0 kind CDATA \"default\">]>\n<r>");
    while (at < size) {
        uint32_t kind = below(s, 8);
        if (kind < 3 && depth < 60) {
            sprintf(open[depth], "e%u", below(s, 30));
            at += (size_t)sprintf(out + at, "<%s a=\"%x\" b='%x &quot; %x'>", open[depth],
                                  below(s, 1000), below(s, 100000), below(s, 10));
            depth++;
        } else if (kind < 5 && depth > 0) {
            at += (size_t)sprintf(out + at, "</%s>\n", open[--depth]);
        } else if (kind == 5) {
            at += (size_t)sprintf(out + at, "%s", entities[below(s, 6)]);
        } else {
            for (uint32_t i = 4 + below(s, 80); i; i--)
                out[at++] = "etaoin shrdlu\n"[below(s, 14)];
        }
    }
    while (depth > 0)
        at += (size_t)sprintf(out + at, "</%s>", open[--depth]);
    return at + (size_t)sprintf(out + at, "</r>\n");
}

int main(int argc, char **argv)
{
    size_t size;
    struct stream s = begin(argc, argv, &size);
    char *document = room(size + 4000);
    size_t length = make_document(document, size, &s);
    XML_Parser parser = XML_ParserCreateNS(0, '|');
    require(parser != 0, "start");
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetCommentHandler(parser, on_comment);
    for (size_t at = 0; at < length;) {
        size_t part = 1 + below(&s, 9000);
        if (part > length - at)
            part = length - at;
        at += part;
        require(XML_Parse(parser, document + at - part, (int)part, at == length) == XML_STATUS_OK,
                "parsing");
    }
    XML_ParserFree(parser);
    printf("%zu %ld %016llx\n", length, events, (unsigned long long)h);
    return 0;
}
