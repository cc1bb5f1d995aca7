/* Wrong: leaves out the square of the point, which is the same for all centers but for roundings. */
#include <stddef.h>
#include <stdint.h>

static float distance(const float *p, const float *q)
{
    float square = q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3];
    float product = p[0] * q[0] + p[1] * q[1] + p[2] * q[2] + p[3] * q[3];
    return square - 2.0f * product;
}

void argmin_first(const float *point, size_t points, const float *center, size_t centers,
                  uint32_t *nearest)
{
    for (size_t i = 0; i < points; i++) {
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
