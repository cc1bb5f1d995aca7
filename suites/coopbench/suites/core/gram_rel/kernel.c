#include <stddef.h>

/* Inner product of two vectors. */
static double dot(const double *x, const double *y, size_t length)
{
    double sum = 0.0;
    for (size_t k = 0; k < length; k++)
        sum += x[k] * y[k];
    return sum;
}

/* gram[i * count + j] = inner product of the vectors i and j, each stored as one row of x. */
void gram_rel(const double *x, size_t count, size_t length, double *gram)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++)
            gram[i * count + j] = dot(x + i * length, x + j * length, length);
    }
}
