/*
 * Eight rows at a time, each a column behind the one above, as four vectors of two rows. What is
 * above a point was made by the row above a step before, and what is below is what the row below
 * loads in the same step: only one element a row is loaded and one is stored.
 */
#include <stddef.h>
#include <stdint.h>

typedef double Pair __attribute__((vector_size(16)));

enum { MOST = 4 };

static void point(double *g, size_t cols)
{
    g[0] = 0.2 * (g[0] + *(g - cols) + *(g - 1) + g[1] + g[cols]);
}

/* The points of `rows` rows that step t is about, one by one: where the wave begins and ends. */
static void border(double *first, size_t rows, size_t cols, size_t t)
{
    for (size_t r = 0; r < rows; r++) {
        if (t > r && t - r + 1 < cols)
            point(first + r * cols + t - r, cols);
    }
}

/* Sweeps 2 * pairs rows from `first` on; row r is at column t - r in step t. */
static inline __attribute__((always_inline)) void wave(double *first, size_t cols,
                                                       const size_t pairs)
{
    const size_t rows = 2 * pairs;
    Pair left[MOST], here[MOST], right[MOST];
    size_t t = 1;

    for (; t < rows; t++)
        border(first, rows, cols, t);
    for (size_t p = 0; p < pairs && t + 1 < cols; p++) {
        double *upper = first + 2 * p * cols + t - 2 * p, *lower = upper + cols - 1;
        left[p] = (Pair){*(upper - 1), *(lower - 1)};
        here[p] = (Pair){*upper, *lower};
    }
    for (; t + 1 < cols; t++) {
        double *top = first + t;
        for (size_t p = 0; p < pairs; p++) {
            double *upper = top + 2 * p * cols + 1 - 2 * p;
            right[p] = (Pair){*upper, *(upper + cols - 1)};
        }
        double above = *(top - cols), below = *(top + rows * cols + 1 - rows);
        for (size_t p = 0; p < pairs; p++) {
            Pair up = {above, left[p][0]};
            Pair down = {right[p][1], p + 1 < pairs ? right[p + 1][0] : below};
            above = left[p][1];
            left[p] = 0.2 * (here[p] + up + left[p] + right[p] + down);
            here[p] = right[p];
        }
        for (size_t p = 0; p < pairs; p++) {
            double *upper = top + 2 * p * cols - 2 * p;
            *upper = left[p][0];
            *(upper + cols - 1) = left[p][1];
        }
    }
    for (; t + 1 < cols + rows; t++)
        border(first, rows, cols, t);
}

void seidel5(double *grid, size_t rows, size_t cols, uint32_t sweeps)
{
    if (rows < 3 || cols < 3)
        return;
    for (uint32_t sweep = 0; sweep < sweeps; sweep++) {
        size_t i = 1;
        for (; i + 8 < rows; i += 8)
            wave(grid + i * cols, cols, 4);
        for (; i + 4 < rows; i += 4)
            wave(grid + i * cols, cols, 2);
        for (; i + 1 < rows; i++) {
            for (size_t j = 1; j + 1 < cols; j++)
                point(grid + i * cols + j, cols);
        }
    }
}
