/* Wrong: fills one half of the symmetric matrix only. */
#include <stddef.h>

void gram_rel(const double *x, size_t count, size_t length, double *gram)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i; j < count; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < length; k++)
                sum += x[i * length + k] * x[j * length + k];
            gram[i * count + j] = sum;
        }
    }
}
