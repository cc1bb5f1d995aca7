/* Wrong: at the edges, the mean of the pixels that exist. */
#include <stddef.h>
#include <stdint.h>

void box_blur(const uint8_t *image, size_t rows, size_t cols, uint32_t radius, uint8_t *blurred)
{
    for (size_t row = 0; row < rows; row++) {
        for (size_t col = 0; col < cols; col++) {
            uint32_t sum = 0, area = 0;
            for (size_t i = row > radius ? row - radius : 0; i < rows && i <= row + radius; i++) {
                for (size_t j = col > radius ? col - radius : 0; j < cols && j <= col + radius; j++) {
                    sum += image[i * cols + j];
                    area++;
                }
            }
            blurred[row * cols + col] = (uint8_t)((sum + area / 2) / area);
        }
    }
}
