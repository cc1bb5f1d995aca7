/* Wrong: a comparison function that returns the difference as an int loses fractions. */
#include <stddef.h>
#include <stdlib.h>

static int by_difference(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    if (difference > 1e9)
        return 1;
    return difference > -1e9 ? (int)difference : -1;
}

void ins_sort(double *x, size_t n)
{
    qsort(x, n, sizeof *x, by_difference);
}
