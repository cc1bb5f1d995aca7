#include <stddef.h>
#include <stdint.h>

enum { DIM = 4 };

/* Square of the distance of two points, added from the first coordinate to the last. */
static float distance(const float *p, const float *q)
{
    float sum = 0.0f;
    for (size_t d = 0; d < DIM; d++)
        sum += (p[d] - q[d]) * (p[d] - q[d]);
    return sum;
}

/*
 * Finds for each point the center nearest to it. Of several, the first counts. A center whose
 * distance is not a number is never nearer than another, nor is another one nearer than it: a
 * point with no number for its distance to center 0 stays with that one. There is at least one center.
 */
void argmin_first(const float *point, size_t points, const float *center, size_t centers,
                  uint32_t *nearest)
{
    for (size_t i = 0; i < points; i++) {
        float least = distance(point + DIM * i, center);
        nearest[i] = 0;
        for (size_t k = 1; k < centers; k++) {
            float here = distance(point + DIM * i, center + DIM * k);
            if (here < least) {
                least = here;
                nearest[i] = (uint32_t)k;
            }
        }
    }
}
