/* Skips rows that cannot reach k, and compares whole rows with a large number for no way. */
#include <stddef.h>
#include <stdint.h>

enum { NO_WAY = INT32_MAX, FAR = 1 << 29 };

static void relax(int32_t *restrict row, const int32_t *restrict through, int32_t before, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        int32_t length = before + through[j];
        row[j] = length < row[j] ? length : row[j];
    }
}

void apsp_inf(const uint8_t *road, size_t n, int32_t *distance)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            distance[i * n + j] = road[i * n + j] > 0 ? road[i * n + j] : FAR;
        distance[i * n + i] = 0;
    }
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n; i++)
            if (i != k && distance[i * n + k] < FAR)
                relax(distance + i * n, distance + k * n, distance[i * n + k], n);
    for (size_t i = 0; i < n * n; i++)
        distance[i] = distance[i] < FAR ? distance[i] : NO_WAY;
}
