/* Sixteen points side by side. */
#include <stddef.h>

enum { LANES = 16 };

void horner_many(const double *c, size_t count, const double *x, size_t n, double *value)
{
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        double v[LANES] = {0.0};
        for (size_t k = count; k-- > 0;) {
            for (size_t lane = 0; lane < LANES; lane++)
                v[lane] = v[lane] * x[i + lane] + c[k];
        }
        for (size_t lane = 0; lane < LANES; lane++)
            value[i + lane] = v[lane];
    }
    for (; i < n; i++) {
        double v = 0.0;
        for (size_t k = count; k-- > 0;)
            v = v * x[i] + c[k];
        value[i] = v;
    }
}
