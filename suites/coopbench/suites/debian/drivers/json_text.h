/* A JSON document of about `size` bytes: nested, with all kinds of values. */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include "driver.h"

struct text {
    char *data;
    size_t length, room;
};

static void put(struct text *t, const char *piece)
{
    size_t length = strlen(piece);
    require(t->length + length < t->room, "room");
    memcpy(t->data + t->length, piece, length + 1);
    t->length += length;
}

static void put_value(struct text *t, struct stream *s, int depth)
{
    char piece[80];
    uint32_t kind = below(s, depth < 5 ? 9 : 6);
    if (kind <= 1) {
        snprintf(piece, sizeof piece, "%d", (int)below(s, 2000000) - 1000000);
        put(t, piece);
    } else if (kind == 2) {
        snprintf(piece, sizeof piece, "%d.%03de%d", (int)below(s, 2000) - 1000, (int)below(s, 1000),
                 (int)below(s, 20) - 10);
        put(t, piece);
    } else if (kind == 3) {
        static const char *const names[] = {"true", "false", "null"};
        put(t, names[below(s, 3)]);
    } else if (kind <= 5) {
        static const char *const odd[] = {"", "\\n", "\\\"", "\\u00e9", "\\\\", "\xc3\xbc"};
        snprintf(piece, sizeof piece, "\"%llx%s%llx\"", (unsigned long long)next(s) >> below(s, 60),
                 odd[below(s, 6)], (unsigned long long)next(s) >> 40);
        put(t, piece);
    } else {
        uint32_t count = below(s, 8);
        put(t, kind == 6 ? "[" : "{");
        for (uint32_t i = 0; i < count; i++) {
            if (kind != 6) {
                snprintf(piece, sizeof piece, "\"k%u_%u\": ", i, below(s, 100));
                put(t, piece);
            }
            put_value(t, s, depth + 1);
            put(t, i + 1 < count ? ", " : "");
        }
        put(t, kind == 6 ? "]" : "}");
    }
}

static inline struct text json_text(struct stream *s, size_t size)
{
    struct text t = {0, 0, size + (1 << 20)};
    t.data = room(t.room);
    put(&t, "[0");
    while (t.length < size) {
        put(&t, ",\n");
        put_value(&t, s, 0);
    }
    put(&t, "]");
    return t;
}

#endif
