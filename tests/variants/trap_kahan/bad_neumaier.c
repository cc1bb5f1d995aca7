/* Wrong: a more exact summation, which adds the corrections at the end. */
#include <stddef.h>

/* sums[r] = the sum of the cols elements of row r of x by Kahan's compensated summation. */
void trap_kahan(const double *x, size_t rows, size_t cols, double *sums)
{
    for (size_t r = 0; r < rows; r++) {
        double sum = 0.0;
        double excess = 0.0; /* how much more has been added so far than should have been */
        for (size_t c = 0; c < cols; c++) {
            double term = x[r * cols + c];
            double next = sum + term;
            if ((sum < 0 ? -sum : sum) >= (term < 0 ? -term : term))
                excess -= (sum - next) + term;
            else
                excess -= (term - next) + sum;
            sum = next;
        }
        sums[r] = sum - excess;
    }
}
