#include <stddef.h>

/*
 * Sorts x in ascending order by insertion. Elements that compare equal keep their order, which
 * shows where 0.0 and -0.0 meet. There are no NaNs.
 */
void ins_sort(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double value = x[i];
        size_t at = i;
        while (at > 0 && x[at - 1] > value) {
            x[at] = x[at - 1];
            at--;
        }
        x[at] = value;
    }
}
