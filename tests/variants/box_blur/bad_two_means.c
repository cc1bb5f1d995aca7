/* Wrong: rounds the mean along the rows before it takes the mean down the columns. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static size_t clamped(ptrdiff_t at, size_t size)
{
    if (at < 0)
        return 0;
    return (size_t)at < size ? (size_t)at : size - 1;
}

void box_blur(const uint8_t *image, size_t rows, size_t cols, uint32_t radius, uint8_t *blurred)
{
    ptrdiff_t reach = (ptrdiff_t)radius;
    uint32_t side = 2 * radius + 1;
    uint8_t *half = malloc(rows * cols + 1);

    if (half == NULL)
        abort();
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < cols; j++) {
            uint32_t sum = 0;
            for (ptrdiff_t d = -reach; d <= reach; d++)
                sum += image[i * cols + clamped((ptrdiff_t)j + d, cols)];
            half[i * cols + j] = (uint8_t)((sum + side / 2) / side);
        }
    }
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < cols; j++) {
            uint32_t sum = 0;
            for (ptrdiff_t d = -reach; d <= reach; d++)
                sum += half[clamped((ptrdiff_t)i + d, rows) * cols + j];
            blurred[i * cols + j] = (uint8_t)((sum + side / 2) / side);
        }
    }
    free(half);
}
