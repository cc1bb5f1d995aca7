#include <stddef.h>
#include <stdint.h>

/* The index nearest to `at` that lies in 0 to size - 1. */
static size_t clamped(ptrdiff_t at, size_t size)
{
    if (at < 0)
        return 0;
    return (size_t)at < size ? (size_t)at : size - 1;
}

/*
 * Blurs a grey image of rows by cols pixels: each pixel becomes the mean of the square of
 * 2 * radius + 1 by 2 * radius + 1 pixels around it, rounded to nearest (halves up). Beyond its
 * edges, the image goes on with its outermost pixels.
 */
void box_blur(const uint8_t *image, size_t rows, size_t cols, uint32_t radius, uint8_t *blurred)
{
    ptrdiff_t reach = (ptrdiff_t)radius;
    uint32_t area = (2 * radius + 1) * (2 * radius + 1);

    for (size_t row = 0; row < rows; row++) {
        for (size_t col = 0; col < cols; col++) {
            uint32_t sum = 0;
            for (ptrdiff_t i = -reach; i <= reach; i++) {
                for (ptrdiff_t j = -reach; j <= reach; j++)
                    sum += image[clamped((ptrdiff_t)row + i, rows) * cols +
                                 clamped((ptrdiff_t)col + j, cols)];
            }
            blurred[row * cols + col] = (uint8_t)((sum + area / 2) / area);
        }
    }
}
