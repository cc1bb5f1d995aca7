/* Wrong: moves the minimum to the front as a sentinel, by an exchange that breaks ties' order. */
#include <stddef.h>

void ins_sort(double *x, size_t n)
{
    size_t least = 0;

    if (n < 2)
        return;
    for (size_t i = 1; i < n; i++)
        if (x[i] <= x[least])
            least = i;
    double swap = x[0];
    x[0] = x[least];
    x[least] = swap;
    for (size_t i = 2; i < n; i++) {
        double value = x[i];
        size_t at = i;
        for (; x[at - 1] > value; at--)
            x[at] = x[at - 1];
        x[at] = value;
    }
}
