/* Wrong: takes the factors in single precision. */
#include <math.h>
#include <stddef.h>

static const double TURN = 6.283185307179586;

/* The sums themselves, term by term; for odd lengths. */
static void direct(const double *in, size_t stride, size_t n, double *out)
{
    for (size_t k = 0; k < n; k++) {
        double re = 0.0, im = 0.0;
        for (size_t j = 0; j < n; j++) {
            double angle = -TURN * (double)(j * k % n) / (double)n;
            double x = in[2 * j * stride], y = in[2 * j * stride + 1];
            re += x * (double)cosf((float)angle) - y * (double)sinf((float)angle);
            im += x * (double)sinf((float)angle) + y * (double)cosf((float)angle);
        }
        out[2 * k] = re;
        out[2 * k + 1] = im;
    }
}

/* Transforms every stride-th element: even and odd ones apart, then pair by pair. */
static void transform(const double *in, size_t stride, size_t n, double *out)
{
    size_t half = n / 2;

    if (n % 2 != 0) {
        direct(in, stride, n, out);
        return;
    }
    transform(in, 2 * stride, half, out);
    transform(in + 2 * stride, 2 * stride, half, out + n);
    for (size_t k = 0; k < half; k++) {
        double angle = -TURN * (double)k / (double)n;
        double *even = out + 2 * k, *odd = out + n + 2 * k;
        double re = odd[0] * (double)cosf((float)angle) - odd[1] * (double)sinf((float)angle);
        double im = odd[0] * (double)sinf((float)angle) + odd[1] * (double)cosf((float)angle);
        odd[0] = even[0] - re;
        odd[1] = even[1] - im;
        even[0] += re;
        even[1] += im;
    }
}

/*
 * Discrete Fourier transform of n complex numbers, each a real and an imaginary part:
 * out[k] = sum of in[j] * exp(-2 pi i j k / n). Any n; fast if n has many factors of two.
 */
void fft_twiddle(const double *in, size_t n, double *out)
{
    if (n > 0)
        transform(in, 1, n, out);
}
