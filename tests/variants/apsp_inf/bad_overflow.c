/* Wrong: adds to the marker for no way, and the sum wraps around to a short way. */
#include <stddef.h>
#include <stdint.h>

void apsp_inf(const uint8_t *road, size_t n, int32_t *distance)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            distance[i * n + j] = road[i * n + j] > 0 ? road[i * n + j] : INT32_MAX;
        distance[i * n + i] = 0;
    }
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                int32_t length = (int32_t)((uint32_t)distance[i * n + k] +
                                           (uint32_t)distance[k * n + j]);
                if (length < distance[i * n + j])
                    distance[i * n + j] = length;
            }
        }
    }
}
