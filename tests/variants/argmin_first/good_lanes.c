/* Sixteen points side by side; the lesser distance and its center are selected, not branched for. */
#include <stddef.h>
#include <stdint.h>

enum { LANES = 16 };

static void lanes(const float *point, const float *center, size_t centers, uint32_t *nearest)
{
    float p[4][LANES], least[LANES] = {0.0f};
    uint32_t best[LANES] = {0};

    for (size_t i = 0; i < LANES; i++) {
        for (size_t d = 0; d < 4; d++)
            p[d][i] = point[4 * i + d];
    }
    for (size_t k = 0; k < centers; k++) {
        const float *q = center + 4 * k;
        for (size_t i = 0; i < LANES; i++) {
            float a = p[0][i] - q[0], b = p[1][i] - q[1], c = p[2][i] - q[2], d = p[3][i] - q[3];
            float here = a * a + b * b + c * c + d * d;
            int closer = k == 0 || here < least[i];
            least[i] = closer ? here : least[i];
            best[i] = closer ? (uint32_t)k : best[i];
        }
    }
    for (size_t i = 0; i < LANES; i++)
        nearest[i] = best[i];
}

static float distance(const float *p, const float *q)
{
    float a = p[0] - q[0], b = p[1] - q[1], c = p[2] - q[2], d = p[3] - q[3];
    return a * a + b * b + c * c + d * d;
}

void argmin_first(const float *point, size_t points, const float *center, size_t centers,
                  uint32_t *nearest)
{
    size_t i = 0;

    for (; i + LANES <= points; i += LANES)
        lanes(point + 4 * i, center, centers, nearest + i);
    for (; i < points; i++) {
        float least = distance(point + 4 * i, center);
        nearest[i] = 0;
        for (size_t k = 1; k < centers; k++) {
            float here = distance(point + 4 * i, center + 4 * k);
            if (here < least) {
                least = here;
                nearest[i] = (uint32_t)k;
            }
        }
    }
}
