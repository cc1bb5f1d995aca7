/* Reads blocks and compares each vector with the one that begins a byte earlier. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uint8_t vector __attribute__((vector_size(16)));

enum { BLOCK = 1 << 16, LANE = sizeof(vector), MOST = 255 };

struct counts {
    unsigned long long lines;
    unsigned long long words;
};

static vector load(const uint8_t *from)
{
    vector v;
    memcpy(&v, from, sizeof v);
    return v;
}

/* All ones where a byte is white space. */
static vector spaces(vector v)
{
    return (vector)(v == ' ') | (vector)((vector)(v - 9) <= 4);
}

static unsigned total(vector v)
{
    unsigned sum = 0;
    for (size_t i = 0; i < LANE; i++)
        sum += v[i];
    return sum;
}

/* Counts in whole vectors of text; the byte before text can be read too. */
static void count_vectors(const uint8_t *text, size_t vectors, struct counts *counts)
{
    while (vectors > 0) {
        size_t part = vectors < MOST ? vectors : MOST;
        vector lines = {0};
        vector words = {0};
        for (size_t i = 0; i < part; i++, text += LANE) {
            vector now = load(text);
            lines -= (vector)(now == '\n');
            words -= spaces(load(text - 1)) & ~spaces(now);
        }
        counts->lines += total(lines);
        counts->words += total(words);
        vectors -= part;
    }
}

int main(void)
{
    static uint8_t block[LANE + BLOCK];
    uint8_t *text = block + LANE;
    struct counts counts = {0, 0};
    unsigned long long bytes = 0;
    size_t size;

    text[-1] = ' ';
    while ((size = fread(text, 1, BLOCK, stdin)) > 0) {
        size_t whole = size / LANE * LANE;
        bytes += size;
        count_vectors(text, size / LANE, &counts);
        for (size_t i = whole; i < size; i++) {
            vector pair = {0};
            pair[0] = text[i - 1];
            pair[1] = text[i];
            vector space = spaces(pair);
            counts.lines += text[i] == '\n';
            counts.words += space[0] & ~space[1] & 1;
        }
        text[-1] = text[size - 1];
    }
    printf("%llu %llu %llu\n", counts.lines, counts.words, bytes);
    return fflush(stdout) == 0 ? 0 : 1;
}
