/* Three row pointers; only the first and last column need care, the others are summed as bytes. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static void cell(const uint8_t *up, const uint8_t *mid, const uint8_t *down, size_t left, size_t at,
                 size_t right, uint8_t *next)
{
    uint8_t count = (uint8_t)(up[left] + up[at] + up[right] + mid[left] + mid[right] + down[left] +
                              down[at] + down[right]);
    next[at] = (count | mid[at]) == 3;
}

static void line(const uint8_t *restrict up, const uint8_t *restrict mid,
                 const uint8_t *restrict down, size_t cols, uint8_t *restrict next)
{
    cell(up, mid, down, cols - 1, 0, cols > 1 ? 1 : 0, next);
    for (size_t j = 1; j + 1 < cols; j++) {
        uint8_t count = (uint8_t)(up[j - 1] + up[j] + up[j + 1] + mid[j - 1] + mid[j + 1] +
                                  down[j - 1] + down[j] + down[j + 1]);
        next[j] = (count | mid[j]) == 3;
    }
    if (cols > 1)
        cell(up, mid, down, cols - 2, cols - 1, 0, next);
}

void life_torus(uint8_t *cells, uint8_t *next, size_t rows, size_t cols, uint32_t generations)
{
    if (rows == 0 || cols == 0)
        return;
    for (uint32_t generation = 0; generation < generations; generation++) {
        for (size_t i = 0; i < rows; i++) {
            const uint8_t *up = cells + (i > 0 ? i - 1 : rows - 1) * cols;
            const uint8_t *down = cells + (i + 1 < rows ? i + 1 : 0) * cols;
            line(up, cells + i * cols, down, cols, next + i * cols);
        }
        memcpy(cells, next, rows * cols);
    }
}
