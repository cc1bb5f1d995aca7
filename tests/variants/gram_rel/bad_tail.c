/* Wrong: sums in fours and drops the last length % 4 products. */
#include <stddef.h>

void gram_rel(const double *x, size_t count, size_t length, double *gram)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            double sum[4] = {0.0, 0.0, 0.0, 0.0};
            for (size_t k = 0; k + 4 <= length; k += 4) {
                for (size_t lane = 0; lane < 4; lane++)
                    sum[lane] += x[i * length + k + lane] * x[j * length + k + lane];
            }
            gram[i * count + j] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        }
    }
}
