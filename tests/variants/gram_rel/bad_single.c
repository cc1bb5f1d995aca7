/* Wrong: sums in single precision. */
#include <stddef.h>

void gram_rel(const double *x, size_t count, size_t length, double *gram)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            float sum = 0.0f;
            for (size_t k = 0; k < length; k++)
                sum += (float)x[i * length + k] * (float)x[j * length + k];
            gram[i * count + j] = (double)sum;
        }
    }
}
