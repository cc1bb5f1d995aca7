/* Twenty-four points at once: twelve vectors of chains hide the latency of each one. */
#include <stddef.h>

typedef double Pair __attribute__((vector_size(16), aligned(8)));

/* Two points to a vector, `vectors` vectors side by side. */
static inline __attribute__((always_inline)) void
some(const double *restrict c, size_t count, const double *restrict x, double *restrict value,
     const size_t vectors)
{
    Pair v[12] = {{0.0}};
    Pair at[12];

    for (size_t p = 0; p < vectors; p++)
        at[p] = *(const Pair *)(x + 2 * p);
    for (size_t k = count; k-- > 0;) {
        Pair here = {c[k], c[k]};
        for (size_t p = 0; p < vectors; p++)
            v[p] = v[p] * at[p] + here;
    }
    for (size_t p = 0; p < vectors; p++)
        *(Pair *)(value + 2 * p) = v[p];
}

void horner_many(const double *restrict c, size_t count, const double *restrict x, size_t n,
                 double *restrict value)
{
    size_t i = 0;

    for (; i + 24 <= n; i += 24)
        some(c, count, x + i, value + i, 12);
    for (; i + 2 <= n; i += 2)
        some(c, count, x + i, value + i, 1);
    if (i < n) {
        double v = 0.0;
        for (size_t k = count; k-- > 0;)
            v = v * x[i] + c[k];
        value[i] = v;
    }
}
