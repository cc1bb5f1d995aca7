/* Wrong: one rounding for a product and a sum. */
#include <math.h>
#include <stddef.h>

void horner_many(const double *c, size_t count, const double *x, size_t n, double *value)
{
    for (size_t i = 0; i < n; i++) {
        double v = 0.0;
        for (size_t k = count; k-- > 0;)
            v = fma(v, x[i], c[k]);
        value[i] = v;
    }
}
