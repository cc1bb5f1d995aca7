/* Wrong: even and odd coefficients apart, in the square of x; shorter chains, other roundings. */
#include <stddef.h>

void horner_many(const double *c, size_t count, const double *x, size_t n, double *value)
{
    for (size_t i = 0; i < n; i++) {
        double square = x[i] * x[i], even = 0.0, odd = 0.0;
        for (size_t k = count; k-- > 0;) {
            if (k % 2 == 0)
                even = even * square + c[k];
            else
                odd = odd * square + c[k];
        }
        value[i] = odd * x[i] + even;
    }
}
