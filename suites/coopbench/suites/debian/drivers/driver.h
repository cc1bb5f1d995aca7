/* What the drivers of this suite share: seeded inputs, a digest, and a way to fail.

   A driver takes a seed and a size, makes an input from them, uses the library on it, checks what
   the library itself promises (a round trip, mostly) and prints a digest of every result. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stream {
    uint64_t state;
};

/* splitmix64 (Steele, Lea and Flood, OOPSLA 2014) */
static inline uint64_t next(struct stream *s)
{
    uint64_t z = s->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint32_t below(struct stream *s, uint32_t limit)
{
    return (uint32_t)((next(s) >> 32) * limit >> 32);
}

/* FNV-1a over 64-bit words, so that digesting costs little beside the work. */
static inline uint64_t digest(uint64_t h, const void *data, size_t size)
{
    const unsigned char *p = data;
    uint64_t word;
    for (; size >= sizeof word; size -= sizeof word, p += sizeof word) {
        memcpy(&word, p, sizeof word);
        h = (h ^ word) * 0x100000001b3u;
        h ^= h >> 31;
    }
    while (size--)
        h = (h ^ *p++) * 0x100000001b3u;
    return h;
}

#define DIGEST 0xcbf29ce484222325u

static inline void require(int holds, const char *what)
{
    if (holds)
        return;
    printf("failed: %s\n", what);
    exit(1);
}

static inline void *room(size_t size)
{
    void *p = malloc(size ? size : 1);
    require(p != 0, "memory");
    return p;
}

/* Words of a small vocabulary, the first ones often; sometimes noise. Always `size` bytes. */
static inline void make_text(char *out, size_t size, struct stream *s)
{
    static char words[256][12];
    for (int i = 0; i < 256; i++) {
        uint32_t length = 2 + below(s, 9);
        for (uint32_t j = 0; j < length; j++)
            words[i][j] = (char)('a' + below(s, 1 + below(s, 26)));
        words[i][length] = 0;
    }
    for (size_t at = 0; at < size;) {
        const char *word = words[below(s, 1 + below(s, 256))];
        while (*word && at < size)
            out[at++] = *word++;
        if (at < size)
            out[at++] = below(s, 12) ? ' ' : '\n';
        if (!below(s, 400))
            for (uint32_t noise = below(s, 40); noise && at < size; noise--)
                out[at++] = (char)next(s);
    }
}

static inline struct stream begin(int argc, char **argv, size_t *size)
{
    require(argc == 3, "arguments are SEED SIZE");
    *size = (size_t)strtoul(argv[2], 0, 10);
    return (struct stream){strtoull(argv[1], 0, 10)};
}

#endif
