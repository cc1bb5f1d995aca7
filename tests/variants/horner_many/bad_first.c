/* Wrong: begins with the highest coefficient; 0 times an infinite x would have been NaN. */
#include <stddef.h>

void horner_many(const double *c, size_t count, const double *x, size_t n, double *value)
{
    for (size_t i = 0; i < n; i++) {
        double v = count > 0 ? c[count - 1] : 0.0;
        for (size_t k = count > 0 ? count - 1 : 0; k-- > 0;)
            v = v * x[i] + c[k];
        value[i] = v;
    }
}
