/* Keeps a 4-by-4 block of c in registers over all k; the rest is done as in the reference. */
#include <stddef.h>

static void block(const double *a, const double *b, double *restrict c, size_t n)
{
    double sum[4][4];

    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++)
            sum[i][j] = c[i * n + j];
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < 4; i++)
            for (size_t j = 0; j < 4; j++)
                sum[i][j] += a[i * n + k] * b[k * n + j];
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++)
            c[i * n + j] = sum[i][j];
}

static void element(const double *a, const double *b, double *c, size_t n)
{
    double sum = *c;
    for (size_t k = 0; k < n; k++)
        sum += a[k] * b[k * n];
    *c = sum;
}

void gemm_ijk(const double *a, const double *b, double *c, size_t n)
{
    size_t whole = n / 4 * 4;

    for (size_t i = 0; i < whole; i += 4)
        for (size_t j = 0; j < whole; j += 4)
            block(a + i * n, b + j, c + i * n + j, n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i < whole ? whole : 0; j < n; j++)
            element(a + i * n, b + j, c + i * n + j, n);
}
