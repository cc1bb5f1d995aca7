/*
 * Eight points in two vectors against one center at a time, whose coordinates are spread over
 * vectors once; `here < least ? here : least` keeps the old one for NaN, as the contract wants.
 */
#include <stddef.h>
#include <stdint.h>

typedef float Lanes __attribute__((vector_size(16)));
typedef float Unaligned __attribute__((vector_size(16), aligned(4)));
typedef int32_t Mask __attribute__((vector_size(16)));
typedef int32_t UnalignedMask __attribute__((vector_size(16), aligned(4)));

enum { WIDTH = 4, VECTORS = 2, STEP = WIDTH * VECTORS };

/* Four points, x y z w each, to four vectors of one coordinate each. */
static void turn(const float *point, Lanes out[4])
{
    Lanes a = *(const Unaligned *)point, b = *(const Unaligned *)(point + 4);
    Lanes c = *(const Unaligned *)(point + 8), d = *(const Unaligned *)(point + 12);
    Lanes ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    Lanes cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    Lanes ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    Lanes cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);

    out[0] = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
    out[1] = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    out[2] = __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5);
    out[3] = __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7);
}

static inline Lanes distance(const Lanes p[4], const float *q)
{
    Lanes sum = {0.0f};

    for (size_t d = 0; d < 4; d++) {
        Lanes difference = p[d] - q[d];
        sum = d == 0 ? difference * difference : sum + difference * difference;
    }
    return sum;
}

/* No sum of squares is -0.0, so that the sum may begin with the first of them. */
static void step(const float *point, const float *center, size_t centers, uint32_t *nearest)
{
    Lanes p[VECTORS][4], least[VECTORS];
    Mask best[VECTORS] = {{0}};

    for (size_t v = 0; v < VECTORS; v++) {
        turn(point + 4 * WIDTH * v, p[v]);
        least[v] = distance(p[v], center);
    }
    for (size_t k = 1; k < centers; k++) {
        Mask here = {(int32_t)k, (int32_t)k, (int32_t)k, (int32_t)k};
        for (size_t v = 0; v < VECTORS; v++) {
            Lanes now = distance(p[v], center + 4 * k);
            Mask closer = now < least[v];
            least[v] = (Lanes)(((Mask)now & closer) | ((Mask)least[v] & ~closer));
            best[v] = (here & closer) | (best[v] & ~closer);
        }
    }
    for (size_t v = 0; v < VECTORS; v++)
        *(UnalignedMask *)(nearest + WIDTH * v) = best[v];
}

void argmin_first(const float *restrict point, size_t points, const float *restrict center,
                  size_t centers, uint32_t *restrict nearest)
{
    size_t i = 0;

    for (; i + STEP <= points; i += STEP)
        step(point + 4 * i, center, centers, nearest + i);
    if (i < points) {
        float rest[4 * STEP] = {0.0f};
        uint32_t found[STEP];
        for (size_t at = 0; at < 4 * (points - i); at++)
            rest[at] = point[4 * i + at];
        step(rest, center, centers, found);
        for (size_t at = 0; at < points - i; at++)
            nearest[i + at] = found[at];
    }
}
