/* Wrong: what algebra leaves of it, a plain sum. */
#include <stddef.h>

/* sums[r] = the sum of the cols elements of row r of x by Kahan's compensated summation. */
void trap_kahan(const double *x, size_t rows, size_t cols, double *sums)
{
    for (size_t r = 0; r < rows; r++) {
        double sum = 0.0;
        for (size_t c = 0; c < cols; c++) {
            sum += x[r * cols + c];
        }
        sums[r] = sum;
    }
}
