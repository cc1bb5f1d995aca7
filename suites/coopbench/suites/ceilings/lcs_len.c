/*
 * Expert version: a row of the table as a bit vector, a cleared bit where the length grows
 * (Crochemore, Iliopoulos, Pinzon and Reid 2001; Hyyro 2004). The two rows of eight words each
 * stay in registers where b has at most 512 bytes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NEAR = 8 };

/* Advances one word of the row; the carry goes on to the next word. */
static inline uint64_t advance(uint64_t row, uint64_t matches, uint64_t *carry)
{
    uint64_t hits = row & matches;
    uint64_t sum = row + hits;
    uint64_t over = sum < hits;

    sum += *carry;
    *carry = over | (sum < *carry);
    return sum | (row & ~matches);
}

static inline __attribute__((always_inline)) uint32_t
length_of(const uint8_t *a, size_t na, const uint64_t *match, uint64_t *row, size_t words)
{
    uint32_t length = 0;

    for (size_t i = 0; i < na; i++) {
        const uint64_t *matches = match + a[i] * words;
        uint64_t carry = 0;
        for (size_t w = 0; w < words; w++)
            row[w] = advance(row[w], matches[w], &carry);
    }
    /* Columns behind the end never match, so that their bits stay set. */
    for (size_t w = 0; w < words; w++)
        length += (uint32_t)__builtin_popcountll(~row[w]);
    return length;
}

#define NEAR_CASE(count)                                                                           \
    case count: {                                                                                  \
        uint64_t row[count];                                                                       \
        memset(row, 0xFF, sizeof row);                                                             \
        return length_of(a, na, match, row, count);                                                \
    }

static uint32_t near_length(const uint8_t *a, size_t na, const uint64_t *match, size_t words)
{
    switch (words) {
        NEAR_CASE(1)
        NEAR_CASE(2)
        NEAR_CASE(3)
        NEAR_CASE(4)
        NEAR_CASE(5)
        NEAR_CASE(6)
        NEAR_CASE(7)
        NEAR_CASE(8)
    }
    return 0;
}

static void note_matches(const uint8_t *b, size_t nb, uint64_t *match, size_t words)
{
    for (size_t j = 0; j < nb; j++)
        match[b[j] * words + j / 64] |= (uint64_t)1 << j % 64;
}

uint32_t lcs_len(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint32_t *rows)
{
    size_t words = (nb + 63) / 64;
    uint64_t few[256 * NEAR];

    (void)rows;
    if (na == 0 || nb == 0)
        return 0;
    if (words <= NEAR) {
        memset(few, 0, 256 * words * sizeof *few);
        note_matches(b, nb, few, words);
        return near_length(a, na, few, words);
    }
    uint64_t *match = calloc(257 * words, sizeof *match);
    if (match == NULL)
        abort();
    uint64_t *row = match + 256 * words;
    memset(row, 0xFF, words * sizeof *row);
    note_matches(b, nb, match, words);
    uint32_t length = length_of(a, na, match, row, words);
    free(match);
    return length;
}
