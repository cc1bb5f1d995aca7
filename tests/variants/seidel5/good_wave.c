/* Four rows at a time, each a column behind the one above: their chains of additions overlap. */
#include <stddef.h>
#include <stdint.h>

enum { ROWS = 4 };

static inline void point(double *g, size_t cols)
{
    g[0] = 0.2 * (g[0] + *(g - cols) + *(g - 1) + g[1] + g[cols]);
}

/* Sweeps ROWS rows from `first` on. */
static void wave(double *first, size_t cols)
{
    size_t inner = cols - 2;

    for (size_t t = 0; t < inner + ROWS - 1; t++) {
        if (t >= ROWS - 1 && t < inner) {
            point(first + 1 + t, cols);
            point(first + cols + t, cols);
            point(first + 2 * cols + t - 1, cols);
            point(first + 3 * cols + t - 2, cols);
            continue;
        }
        for (size_t r = 0; r < ROWS; r++) {
            if (t >= r && t - r < inner)
                point(first + r * cols + 1 + t - r, cols);
        }
    }
}

void seidel5(double *grid, size_t rows, size_t cols, uint32_t sweeps)
{
    if (rows < 3 || cols < 3)
        return;
    for (uint32_t sweep = 0; sweep < sweeps; sweep++) {
        size_t i = 1;
        for (; i + ROWS < rows; i += ROWS)
            wave(grid + i * cols, cols);
        for (; i + 1 < rows; i++) {
            for (size_t j = 1; j + 1 < cols; j++)
                point(grid + i * cols + j, cols);
        }
    }
}
