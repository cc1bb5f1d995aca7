/* Wrong: four elements at a time for every shift; shifts of one to three need what is made in them. */
#include <stddef.h>
#include <stdint.h>

void axpy_shift(double *v, size_t n, const int32_t *shift, const double *gain, size_t echoes)
{
    for (size_t k = 0; k < echoes; k++) {
        ptrdiff_t by = shift[k];
        ptrdiff_t last = (ptrdiff_t)n + (by < 0 ? by : 0);
        ptrdiff_t i = by > 0 ? by : 0;
        for (; i + 4 <= last; i += 4) {
            double sum[4];
            for (ptrdiff_t lane = 0; lane < 4; lane++)
                sum[lane] = v[i + lane] + gain[k] * v[i + lane - by];
            for (ptrdiff_t lane = 0; lane < 4; lane++)
                v[i + lane] = sum[lane];
        }
        for (; i < last; i++)
            v[i] += gain[k] * v[i - by];
    }
}
