/*
 * Radix-4 steps over one table of factors. The table is made by doubling: a sine and a cosine per
 * power of two, and each other factor as a product of two, whose error grows with log n only.
 */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

typedef double Complex __attribute__((vector_size(16), aligned(8)));

enum { NEAR = 2048 }; /* factors that are kept on the stack */

static const double TURN = 6.283185307179586;

static inline Complex times(Complex x, Complex w)
{
    Complex turned = {-w[1], w[0]};
    return x[0] * w + x[1] * turned;
}

/* x times -i. */
static inline Complex back(Complex x)
{
    return (Complex){x[1], -x[0]};
}

/* w[k] = exp(-2 pi i k / n) for k below n. */
static void make_factors(Complex *w, size_t n)
{
    w[0] = (Complex){1.0, 0.0};
    for (size_t m = 1; m < n; m *= 2) {
        double angle = TURN * (double)m / (double)n;
        Complex step = {cos(angle), -sin(angle)};
        size_t more = m < n - m ? m : n - m;
        for (size_t k = 0; k < more; k++)
            w[m + k] = times(w[k], step);
    }
}

/* The sums themselves; for odd lengths. */
static void direct(const Complex *in, size_t stride, size_t n, const Complex *w, Complex *out)
{
    for (size_t k = 0; k < n; k++) {
        Complex sum = {0.0};
        size_t at = 0;
        for (size_t j = 0; j < n; j++) {
            sum += times(in[j * stride], w[at * stride]);
            at = at + k < n ? at + k : at + k - n;
        }
        out[k] = sum;
    }
}

/* Joins the transforms of the even and of the odd elements, side by side in out. */
static void join2(Complex *out, size_t n, const Complex *w, size_t stride)
{
    size_t half = n / 2;

    for (size_t k = 0; k < half; k++) {
        Complex even = out[k], odd = times(out[half + k], w[k * stride]);
        out[k] = even + odd;
        out[half + k] = even - odd;
    }
}

/* Joins the transforms of every fourth element, from the first, second, third and fourth on. */
static void join4(Complex *out, size_t n, const Complex *w, size_t stride)
{
    size_t part = n / 4;

    for (size_t k = 0; k < part; k++) {
        Complex a = out[k];
        Complex b = times(out[part + k], w[k * stride]);
        Complex c = times(out[2 * part + k], w[2 * k * stride]);
        Complex d = times(out[3 * part + k], w[3 * k * stride]);
        Complex plus = a + c, minus = a - c, sum = b + d, difference = back(b - d);
        out[k] = plus + sum;
        out[part + k] = minus + difference;
        out[2 * part + k] = plus - sum;
        out[3 * part + k] = minus - difference;
    }
}

/* Eight elements: two fours, and factors that are 1, -i and diagonals. */
static void eight(const Complex *in, size_t stride, Complex *out)
{
    const double root = 0.7071067811865476;
    Complex x[8];

    for (size_t k = 0; k < 2; k++) {
        Complex a = in[k * stride], b = in[(k + 2) * stride];
        Complex c = in[(k + 4) * stride], d = in[(k + 6) * stride];
        Complex sum = b + d, difference = back(b - d);
        x[k] = a + c + sum;
        x[k + 2] = a - c + difference;
        x[k + 4] = a + c - sum;
        x[k + 6] = a - c - difference;
    }
    x[3] = root * (x[3] + back(x[3]));
    x[5] = back(x[5]);
    x[7] = root * (back(x[7]) - x[7]);
    for (size_t k = 0; k < 4; k++) {
        out[k] = x[2 * k] + x[2 * k + 1];
        out[k + 4] = x[2 * k] - x[2 * k + 1];
    }
}

/* Transforms every stride-th element; the factors of this length are every stride-th, too. */
static void transform(const Complex *in, size_t stride, size_t n, const Complex *w, Complex *out)
{
    if (n == 8) {
        eight(in, stride, out);
    } else if (n % 2 != 0) {
        direct(in, stride, n, w, out);
    } else if (n % 4 != 0 || n == 16) {
        transform(in, 2 * stride, n / 2, w, out);
        transform(in + stride, 2 * stride, n / 2, w, out + n / 2);
        join2(out, n, w, stride);
    } else {
        for (size_t k = 0; k < 4; k++)
            transform(in + k * stride, 4 * stride, n / 4, w, out + k * (n / 4));
        join4(out, n, w, stride);
    }
}

void fft_twiddle(const double *in, size_t n, double *out)
{
    Complex near[NEAR];
    Complex *w = n <= NEAR ? near : malloc(n * sizeof *w);

    if (w == NULL)
        abort();
    if (n > 0) {
        make_factors(w, n);
        transform((const Complex *)in, 1, n, w, (Complex *)out);
    }
    if (w != near)
        free(w);
}
