/*
 * Sums down the columns slide from row to row in 16-bit lanes over the padded row; along the row,
 * running totals give each window as a difference; the division is a multiplication and a shift.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static size_t clamped(ptrdiff_t at, size_t size)
{
    if (at < 0)
        return 0;
    return (size_t)at < size ? (size_t)at : size - 1;
}

/* column + new - old for a whole row; at most 31 * 255, so 16 bits hold it. */
static void slide(const uint8_t *restrict old, const uint8_t *restrict new, size_t cols,
                  uint16_t *restrict column)
{
    for (size_t j = 0; j < cols; j++)
        column[j] = (uint16_t)(column[j] + new[j] - old[j]);
}

/* total[k] = sum of the first k columns of the row, padded by `radius` at both ends. */
static void add_up(const uint16_t *restrict column, size_t cols, size_t radius,
                   uint32_t *restrict total)
{
    uint32_t sum = 0;

    for (size_t k = 0; k < radius; k++) {
        *total++ = sum;
        sum += column[0];
    }
    for (size_t j = 0; j < cols; j++) {
        *total++ = sum;
        sum += column[j];
    }
    for (size_t k = 0; k < radius; k++) {
        *total++ = sum;
        sum += column[cols - 1];
    }
    *total = sum;
}

/*
 * Means of the windows of `side` columns. (sum + area / 2) / area for sums below 2^18 and odd
 * areas up to 961 = (sum + area / 2 + 0.5) * (1 / area) rounded down in single precision: the
 * quotient is at least 0.5 / 961 away from any integer, its rounding error at most 256 * 2^-22.
 */
static void divide(const uint32_t *restrict total, size_t cols, size_t side, uint32_t area,
                   uint8_t *restrict blurred)
{
    float reciprocal = 1.0f / (float)area;
    float half = (float)(area / 2) + 0.5f;

    for (size_t j = 0; j < cols; j++) {
        int32_t sum = (int32_t)(total[j + side] - total[j]);
        blurred[j] = (uint8_t)(int32_t)(((float)sum + half) * reciprocal);
    }
}

void box_blur(const uint8_t *image, size_t rows, size_t cols, uint32_t radius, uint8_t *blurred)
{
    ptrdiff_t reach = (ptrdiff_t)radius;
    size_t side = 2 * (size_t)radius + 1;

    if (rows == 0 || cols == 0)
        return;
    uint16_t *column = calloc(cols, sizeof *column);
    uint32_t *total = malloc((cols + side) * sizeof *total);
    if (column == NULL || total == NULL)
        abort();
    for (ptrdiff_t i = -reach; i <= reach; i++) {
        const uint8_t *row = image + clamped(i, rows) * cols;
        for (size_t j = 0; j < cols; j++)
            column[j] = (uint16_t)(column[j] + row[j]);
    }
    for (size_t i = 0; i < rows; i++) {
        add_up(column, cols, radius, total);
        divide(total, cols, side, (uint32_t)(side * side), blurred + i * cols);
        slide(image + clamped((ptrdiff_t)i - reach, rows) * cols,
              image + clamped((ptrdiff_t)i + reach + 1, rows) * cols, cols, column);
    }
    free(total);
    free(column);
}
