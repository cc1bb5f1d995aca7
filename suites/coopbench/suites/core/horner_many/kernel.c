#include <stddef.h>

/* c[0] + c[1] * x + ... + c[count - 1] * x^(count - 1) by Horner's rule, beginning with 0. */
static double value_at(const double *c, size_t count, double x)
{
    double value = 0.0;
    for (size_t k = count; k-- > 0;)
        value = value * x + c[k];
    return value;
}

/*
 * Evaluates a polynomial at n points, each by Horner's rule, with a rounding after every product
 * and every sum. The points may be infinite or NaN; so, then, are values.
 */
void horner_many(const double *c, size_t count, const double *x, size_t n, double *value)
{
    for (size_t i = 0; i < n; i++)
        value[i] = value_at(c, count, x[i]);
}
