#include <stddef.h>
#include <stdint.h>

enum { NO_WAY = INT32_MAX };

/*
 * Finds the lengths of the shortest ways between all pairs of n places (Floyd and Warshall).
 * road[i * n + j] is the length of the one-way road from i to j, or 0 if there is none;
 * distance[i * n + j] becomes the length of the shortest way, 0 where i = j, or INT32_MAX if
 * there is no way. n is at most 1000.
 */
void apsp_inf(const uint8_t *road, size_t n, int32_t *distance)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            int32_t length = road[i * n + j];
            if (i == j)
                distance[i * n + j] = 0;
            else
                distance[i * n + j] = length > 0 ? length : NO_WAY;
        }
    }

    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                int32_t before = distance[i * n + k];
                int32_t after = distance[k * n + j];
                if (before == NO_WAY || after == NO_WAY)
                    continue; /* the sum would overflow */
                if (before + after < distance[i * n + j])
                    distance[i * n + j] = before + after;
            }
        }
    }
}
