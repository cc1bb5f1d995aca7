#include <stddef.h>
#include <stdint.h>

/*
 * Adds shifted copies of a signal to itself, one echo after the other:
 *
 *   v[i] += gain[k] * v[i - shift[k]]    from the lowest i to the highest for which both exist.
 *
 * With a positive shift, what was added to an element comes back in a later one.
 */
void axpy_shift(double *v, size_t n, const int32_t *shift, const double *gain, size_t echoes)
{
    for (size_t k = 0; k < echoes; k++) {
        ptrdiff_t by = shift[k];
        ptrdiff_t first = by > 0 ? by : 0;
        ptrdiff_t last = (ptrdiff_t)n + (by < 0 ? by : 0);
        for (ptrdiff_t i = first; i < last; i++)
            v[i] += gain[k] * v[i - by];
    }
}
