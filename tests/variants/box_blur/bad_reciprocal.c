/* Wrong: a 16-bit reciprocal is off by one for some sums of large windows. */
#include <stddef.h>
#include <stdint.h>

static size_t clamped(ptrdiff_t at, size_t size)
{
    if (at < 0)
        return 0;
    return (size_t)at < size ? (size_t)at : size - 1;
}

void box_blur(const uint8_t *image, size_t rows, size_t cols, uint32_t radius, uint8_t *blurred)
{
    ptrdiff_t reach = (ptrdiff_t)radius;
    uint32_t area = (2 * radius + 1) * (2 * radius + 1);
    uint64_t reciprocal = 65536 / area;

    for (size_t row = 0; row < rows; row++) {
        for (size_t col = 0; col < cols; col++) {
            uint32_t sum = 0;
            for (ptrdiff_t i = -reach; i <= reach; i++) {
                for (ptrdiff_t j = -reach; j <= reach; j++)
                    sum += image[clamped((ptrdiff_t)row + i, rows) * cols +
                                 clamped((ptrdiff_t)col + j, cols)];
            }
            blurred[row * cols + col] = (uint8_t)(((sum + area / 2) * reciprocal) >> 16);
        }
    }
}
