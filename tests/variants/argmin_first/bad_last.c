/* Wrong: takes the last of several nearest centers. */
#include <stddef.h>
#include <stdint.h>

void argmin_first(const float *point, size_t points, const float *center, size_t centers,
                  uint32_t *nearest)
{
    for (size_t i = 0; i < points; i++) {
        const float *p = point + 4 * i;
        float least = 0.0f;
        nearest[i] = 0;
        for (size_t k = 0; k < centers; k++) {
            const float *q = center + 4 * k;
            float a = p[0] - q[0], b = p[1] - q[1], c = p[2] - q[2], d = p[3] - q[3];
            float here = a * a + b * b + c * c + d * d;
            if (k == 0 || here <= least) {
                least = here;
                nearest[i] = (uint32_t)k;
            }
        }
    }
}
