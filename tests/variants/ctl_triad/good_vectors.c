/* Two vectors of two lanes a step, written by hand. */
#include <stddef.h>
#include <string.h>

typedef double pair __attribute__((vector_size(16)));

void ctl_triad(const double *x, const double *z, double s, size_t n, double *out)
{
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        pair a[2], b[2];
        memcpy(a, x + i, sizeof a);
        memcpy(b, z + i, sizeof b);
        a[0] += b[0] * s;
        a[1] += b[1] * s;
        memcpy(out + i, a, sizeof a);
    }
    for (; i < n; i++)
        out[i] = x[i] + s * z[i];
}
