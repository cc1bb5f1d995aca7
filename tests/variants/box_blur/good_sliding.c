/* Sums down the columns that slide from row to row, and along the row a sum that slides over them. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static size_t clamped(ptrdiff_t at, size_t size)
{
    if (at < 0)
        return 0;
    return (size_t)at < size ? (size_t)at : size - 1;
}

static void slide_down(const uint8_t *image, size_t rows, size_t cols, ptrdiff_t leaves,
                       ptrdiff_t enters, uint32_t *column)
{
    const uint8_t *old = image + clamped(leaves, rows) * cols;
    const uint8_t *new = image + clamped(enters, rows) * cols;
    for (size_t j = 0; j < cols; j++)
        column[j] += (uint32_t)new[j] - old[j];
}

static void blur_row(const uint32_t *column, size_t cols, ptrdiff_t reach, uint32_t area,
                     uint8_t *blurred)
{
    uint32_t sum = 0;
    for (ptrdiff_t j = -reach; j <= reach; j++)
        sum += column[clamped(j, cols)];
    for (size_t j = 0; j < cols; j++) {
        ptrdiff_t at = (ptrdiff_t)j;
        blurred[j] = (uint8_t)((sum + area / 2) / area);
        sum += column[clamped(at + reach + 1, cols)] - column[clamped(at - reach, cols)];
    }
}

void box_blur(const uint8_t *image, size_t rows, size_t cols, uint32_t radius, uint8_t *blurred)
{
    ptrdiff_t reach = (ptrdiff_t)radius;
    uint32_t area = (2 * radius + 1) * (2 * radius + 1);

    if (rows == 0 || cols == 0)
        return;
    uint32_t *column = calloc(cols, sizeof *column);
    if (column == NULL)
        abort();
    for (ptrdiff_t i = -reach; i <= reach; i++) {
        for (size_t j = 0; j < cols; j++)
            column[j] += image[clamped(i, rows) * cols + j];
    }
    for (size_t row = 0; row < rows; row++) {
        blur_row(column, cols, reach, area, blurred + row * cols);
        slide_down(image, rows, cols, (ptrdiff_t)row - reach, (ptrdiff_t)row + reach + 1, column);
    }
    free(column);
}
