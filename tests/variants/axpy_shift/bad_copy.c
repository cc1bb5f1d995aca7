/* Wrong: adds a copy of the signal as it was, so that no echo comes back. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void axpy_shift(double *v, size_t n, const int32_t *shift, const double *gain, size_t echoes)
{
    double *old = malloc(n * sizeof *old + 1);

    if (old == NULL)
        abort();
    for (size_t k = 0; k < echoes; k++) {
        ptrdiff_t by = shift[k];
        ptrdiff_t last = (ptrdiff_t)n + (by < 0 ? by : 0);
        memcpy(old, v, n * sizeof *old);
        for (ptrdiff_t i = by > 0 ? by : 0; i < last; i++)
            v[i] += gain[k] * old[i - by];
    }
    free(old);
}
