/* Takes one middle at a time to all columns of a row: comparisons of a result keep their order. */
#include <stddef.h>

void trap_minmax(const double *a, const double *b, size_t rows, size_t mids, size_t cols, double *best)
{
    for (size_t i = 0; i < rows; i++) {
        double *restrict row = best + i * cols;
        for (size_t j = 0; j < cols; j++)
            row[j] = a[i * mids] > b[j] ? a[i * mids] : b[j];
        for (size_t k = 1; k < mids; k++) {
            const double *restrict out = b + k * cols;
            double in = a[i * mids + k];
            for (size_t j = 0; j < cols; j++) {
                double worse = in > out[j] ? in : out[j];
                row[j] = worse < row[j] ? worse : row[j];
            }
        }
    }
}
