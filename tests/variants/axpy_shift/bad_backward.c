/* Wrong: goes from the end where source and target overlap, as a move would. */
#include <stddef.h>
#include <stdint.h>

void axpy_shift(double *v, size_t n, const int32_t *shift, const double *gain, size_t echoes)
{
    for (size_t k = 0; k < echoes; k++) {
        ptrdiff_t by = shift[k];
        ptrdiff_t first = by > 0 ? by : 0;
        ptrdiff_t last = (ptrdiff_t)n + (by < 0 ? by : 0);
        if (by > 0) {
            for (ptrdiff_t i = last - 1; i >= first; i--)
                v[i] += gain[k] * v[i - by];
        } else {
            for (ptrdiff_t i = first; i < last; i++)
                v[i] += gain[k] * v[i - by];
        }
    }
}
