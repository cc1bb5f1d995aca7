/* A bit per cell: 64 cells are counted at once by adders made of logical operations. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A row's sums of three cells side by side, in two bit planes. */
struct sums {
    uint64_t one;
    uint64_t two;
};

/* Eight cells, a byte each, to eight bits. */
static uint64_t pack8(const uint8_t *cells)
{
    uint64_t bytes;
    memcpy(&bytes, cells, sizeof bytes);
    return (bytes * 0x0102040810204080u) >> 56;
}

static void unpack8(uint64_t bits, uint8_t *cells)
{
    uint64_t bytes = ((bits & 0xFF) * 0x0101010101010101u) & 0x8040201008040201u;
    bytes = ((bytes + 0x7F7F7F7F7F7F7F7Fu) >> 7) & 0x0101010101010101u;
    memcpy(cells, &bytes, sizeof bytes);
}

static void pack(const uint8_t *cells, size_t cols, uint64_t *row)
{
    size_t j = 0;

    for (size_t w = 0; 64 * w < cols; w++)
        row[w] = 0;
    for (; j + 8 <= cols; j += 8)
        row[j / 64] |= pack8(cells + j) << (j % 64);
    for (; j < cols; j++)
        row[j / 64] |= (uint64_t)cells[j] << (j % 64);
}

static void unpack(const uint64_t *row, size_t cols, uint8_t *cells)
{
    size_t j = 0;

    for (; j + 8 <= cols; j += 8)
        unpack8(row[j / 64] >> (j % 64), cells + j);
    for (; j < cols; j++)
        cells[j] = (uint8_t)((row[j / 64] >> (j % 64)) & 1);
}

/* Adds each cell of a row to its left and right neighbour. */
static void add_neighbours(const uint64_t *row, size_t cols, struct sums *sums)
{
    size_t words = (cols + 63) / 64, last = (cols - 1) % 64;
    uint64_t before = (row[words - 1] >> last) & 1;

    for (size_t w = 0; w < words; w++) {
        uint64_t mid = row[w];
        uint64_t left = mid << 1 | before;
        uint64_t right = mid >> 1;
        if (w + 1 < words)
            right |= row[w + 1] << 63;
        else
            right |= (row[0] & 1) << last;
        before = mid >> 63;
        sums[w].one = left ^ mid ^ right;
        sums[w].two = (left & mid) | ((left ^ mid) & right);
    }
}

/* The next state of a row, from the sums of three rows. A cell counts itself: 3, or 4 and alive. */
static void decide(const struct sums *up, const struct sums *mid, const struct sums *down,
                   size_t cols, uint64_t *row)
{
    size_t words = (cols + 63) / 64;

    for (size_t w = 0; w < words; w++) {
        uint64_t some = up[w].one ^ mid[w].one;
        uint64_t ones = some ^ down[w].one;
        uint64_t carry = (up[w].one & mid[w].one) | (some & down[w].one);
        /* twos is the low bit of the number of pairs; that number is 1, or 2. */
        uint64_t x = up[w].two ^ mid[w].two, y = up[w].two & mid[w].two;
        uint64_t u = down[w].two ^ carry, v = down[w].two & carry;
        uint64_t twos = x ^ u;
        uint64_t three = ones & twos & ~(y | v);
        uint64_t four = ~ones & ~twos & ((x & u) | (y ^ v));
        row[w] = three | (four & row[w]);
    }
    row[words - 1] &= ~(uint64_t)0 >> (63 - (cols - 1) % 64);
}

static void generation(uint64_t *board, struct sums *sums, size_t rows, size_t cols)
{
    size_t words = (cols + 63) / 64;

    for (size_t i = 0; i < rows; i++)
        add_neighbours(board + i * words, cols, sums + i * words);
    for (size_t i = 0; i < rows; i++) {
        const struct sums *up = sums + (i > 0 ? i - 1 : rows - 1) * words;
        const struct sums *down = sums + (i + 1 < rows ? i + 1 : 0) * words;
        decide(up, sums + i * words, down, cols, board + i * words);
    }
}

static void play(uint8_t *cells, size_t rows, size_t cols, uint32_t generations, uint64_t *board,
                 struct sums *sums)
{
    size_t words = (cols + 63) / 64;

    for (size_t i = 0; i < rows; i++)
        pack(cells + i * cols, cols, board + i * words);
    for (uint32_t g = 0; g < generations; g++)
        generation(board, sums, rows, cols);
    for (size_t i = 0; i < rows; i++)
        unpack(board + i * words, cols, cells + i * cols);
}

enum { NEAR = 512 }; /* words of a board that is kept on the stack */

void life_torus(uint8_t *cells, uint8_t *next, size_t rows, size_t cols, uint32_t generations)
{
    size_t words = rows * ((cols + 63) / 64);

    (void)next;
    if (words == 0)
        return;
    if (words <= NEAR) {
        uint64_t board[NEAR];
        struct sums sums[NEAR];
        play(cells, rows, cols, generations, board, sums);
        return;
    }
    uint64_t *board = malloc(words * sizeof *board);
    struct sums *sums = malloc(words * sizeof *sums);
    if (board == NULL || sums == NULL)
        abort();
    play(cells, rows, cols, generations, board, sums);
    free(sums);
    free(board);
}
