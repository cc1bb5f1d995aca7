/* Wrong: compensated summation is more accurate, but it is another number. */
#include <stddef.h>

void sum_strict(const double *x, size_t n, size_t window, double *sums)
{
    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        double lost = 0.0;
        for (size_t k = 0; k < window; k++) {
            double term = x[i + k] - lost;
            double next = sum + term;
            lost = (next - sum) - term;
            sum = next;
        }
        sums[i] = sum;
    }
}
