/* Wrong: keeps the lengths in saturated bytes, which most ways exceed. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

void apsp_inf(const uint8_t *road, size_t n, int32_t *distance)
{
    uint8_t *way = malloc(n * n + 1);

    if (way == NULL)
        abort();
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            way[i * n + j] = road[i * n + j] > 0 ? road[i * n + j] : 255;
        way[i * n + i] = 0;
    }
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                unsigned length = (unsigned)way[i * n + k] + way[k * n + j];
                if (length < way[i * n + j])
                    way[i * n + j] = (uint8_t)length;
            }
        }
    }
    for (size_t i = 0; i < n * n; i++)
        distance[i] = way[i] < 255 ? way[i] : INT32_MAX;
    free(way);
}
