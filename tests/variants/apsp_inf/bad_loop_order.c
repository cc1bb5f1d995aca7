/* Wrong: with k innermost, as in a matrix product, ways of many roads are missed. */
#include <stddef.h>
#include <stdint.h>

void apsp_inf(const uint8_t *road, size_t n, int32_t *distance)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            distance[i * n + j] = road[i * n + j] > 0 ? road[i * n + j] : INT32_MAX;
        distance[i * n + i] = 0;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            int32_t best = distance[i * n + j];
            for (size_t k = 0; k < n; k++) {
                int32_t before = distance[i * n + k];
                int32_t after = distance[k * n + j];
                if (before != INT32_MAX && after != INT32_MAX && before + after < best)
                    best = before + after;
            }
            distance[i * n + j] = best;
        }
    }
}
