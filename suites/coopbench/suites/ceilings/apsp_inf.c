/*
 * Expert version: lengths in 16 bits where the longest possible way fits, a vector at a time, with a
 * marker above all lengths to which a length can be added; rows that cannot reach k are skipped.
 */
#include <stddef.h>
#include <stdint.h>

enum { NO_WAY = INT32_MAX, FAR = 1 << 29, LANES = 8, SHORT_N = 128, SHORT_FAR = 0x7F80 };

/* The longest way has the length 127 * 255 = 32385, below SHORT_FAR = 32640, and the sum of the two
   still fits into 16 bits. */
typedef uint16_t lanes __attribute__((vector_size(2 * LANES), aligned(2), may_alias));

static inline lanes smaller(lanes x, lanes y)
{
    lanes below = (lanes)(x < y);
    return (x & below) | (y & ~below);
}

static void relax_short(uint16_t *row, const uint16_t *through, uint16_t before, size_t width)
{
    for (size_t j = 0; j < width; j += LANES) {
        lanes *to = (lanes *)(row + j);
        *to = smaller(*to, *(const lanes *)(through + j) + before);
    }
}

static void short_ways(const uint8_t *road, size_t n, int32_t *distance)
{
    uint16_t way[SHORT_N * SHORT_N];
    size_t width = (n + LANES - 1) / LANES * LANES;

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            uint16_t length = road[i * n + j];
            way[i * width + j] = length > 0 ? length : SHORT_FAR;
        }
        for (size_t j = n; j < width; j++)
            way[i * width + j] = SHORT_FAR;
        way[i * width + i] = 0;
    }
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < n; i++) {
            uint16_t before = way[i * width + k];
            if (before < SHORT_FAR && i != k)
                relax_short(way + i * width, way + k * width, before, width);
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            int32_t length = way[i * width + j];
            distance[i * n + j] = length < SHORT_FAR ? length : NO_WAY;
        }
    }
}

static void relax(int32_t *restrict row, const int32_t *restrict through, int32_t before, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        int32_t length = before + through[j];
        row[j] = length < row[j] ? length : row[j];
    }
}

void apsp_inf(const uint8_t *road, size_t n, int32_t *distance)
{
    if (n <= SHORT_N) {
        short_ways(road, n, distance);
        return;
    }
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
