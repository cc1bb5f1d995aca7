/* Eight partial sums per product, and each product once: the matrix is symmetric. */
#include <stddef.h>

enum { LANES = 8 };

static double dot(const double *restrict x, const double *restrict y, size_t length)
{
    double sum[LANES] = {0.0};
    double total = 0.0;
    size_t k = 0;

    for (; k + LANES <= length; k += LANES) {
        for (size_t lane = 0; lane < LANES; lane++)
            sum[lane] += x[k + lane] * y[k + lane];
    }
    for (; k < length; k++)
        total += x[k] * y[k];
    for (size_t lane = 0; lane < LANES; lane++)
        total += sum[lane];
    return total;
}

void gram_rel(const double *x, size_t count, size_t length, double *gram)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i; j < count; j++) {
            double product = dot(x + i * length, x + j * length, length);
            gram[i * count + j] = product;
            gram[j * count + i] = product;
        }
    }
}
