/* Sums eight rows side by side in four vectors of two lanes. */
#include <stddef.h>

typedef double pair __attribute__((vector_size(16)));

static double one_row(const double *x, size_t cols)
{
    double sum = 0.0, excess = 0.0;

    for (size_t c = 0; c < cols; c++) {
        double term = x[c] - excess, next = sum + term;
        excess = (next - sum) - term;
        sum = next;
    }
    return sum;
}

void trap_kahan(const double *x, size_t rows, size_t cols, double *sums)
{
    size_t r = 0;

    for (; r + 8 <= rows; r += 8) {
        pair sum[4] = {{0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}};
        pair excess[4] = {{0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}};
        for (size_t c = 0; c < cols; c++) {
            for (size_t k = 0; k < 4; k++) {
                const double *at = x + (r + 2 * k) * cols + c;
                pair term = (pair){at[0], at[cols]} - excess[k];
                pair next = sum[k] + term;
                excess[k] = (next - sum[k]) - term;
                sum[k] = next;
            }
        }
        for (size_t k = 0; k < 4; k++) {
            sums[r + 2 * k] = sum[k][0];
            sums[r + 2 * k + 1] = sum[k][1];
        }
    }
    for (; r < rows; r++)
        sums[r] = one_row(x + r * cols, cols);
}
