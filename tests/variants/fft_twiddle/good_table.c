/* The factors of all levels from one table; each entry is computed once. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

static const double TURN = 6.283185307179586;

/* table[2 * k], table[2 * k + 1] = cos, sin of -k / n of a turn; `skip` is n / (length here). */
static void transform(const double *in, size_t stride, size_t n, double *out, const double *table,
                      size_t skip)
{
    size_t half = n / 2;

    if (n % 2 != 0) {
        for (size_t k = 0; k < n; k++) {
            double re = 0.0, im = 0.0;
            for (size_t j = 0; j < n; j++) {
                const double *w = table + 2 * (j * k % n) * skip;
                double x = in[2 * j * stride], y = in[2 * j * stride + 1];
                re += x * w[0] - y * w[1];
                im += x * w[1] + y * w[0];
            }
            out[2 * k] = re;
            out[2 * k + 1] = im;
        }
        return;
    }
    transform(in, 2 * stride, half, out, table, 2 * skip);
    transform(in + 2 * stride, 2 * stride, half, out + n, table, 2 * skip);
    for (size_t k = 0; k < half; k++) {
        const double *w = table + 2 * k * skip;
        double *even = out + 2 * k, *odd = out + n + 2 * k;
        double re = odd[0] * w[0] - odd[1] * w[1];
        double im = odd[0] * w[1] + odd[1] * w[0];
        odd[0] = even[0] - re;
        odd[1] = even[1] - im;
        even[0] += re;
        even[1] += im;
    }
}

void fft_twiddle(const double *in, size_t n, double *out)
{
    double *table = malloc(2 * n * sizeof *table + 1);

    if (table == NULL)
        abort();
    for (size_t k = 0; k < n; k++) {
        double angle = -TURN * (double)k / (double)n;
        table[2 * k] = cos(angle);
        table[2 * k + 1] = sin(angle);
    }
    if (n > 0)
        transform(in, 1, n, out, table, 1);
    free(table);
}
