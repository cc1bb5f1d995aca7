/* Wrong: goes on to the next one as soon as the first number is not less, NaN included. */
#include <stddef.h>

/*
 * The widest bottleneck on the way from each of the rows to each of the columns over one of the
 * mids: best[i * cols + j] = the least over k of the greater of a[i * mids + k] and b[k * cols + j].
 *
 * The greater of the two is a's number only if it is greater than b's. The least is the first one's
 * until a later one is less.
 */
void trap_minmax(const double *a, const double *b, size_t rows, size_t mids, size_t cols, double *best)
{
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < cols; j++) {
            double least = a[i * mids] > b[j] ? a[i * mids] : b[j];
            for (size_t k = 1; k < mids; k++) {
                double in = a[i * mids + k];
                double out = b[k * cols + j];
                double worse = in > out ? in : out;
                if (!(in < least))
                    continue;
                if (!(worse >= least))
                    least = worse;
            }
            best[i * cols + j] = least;
        }
    }
}
