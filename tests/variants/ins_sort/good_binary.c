/* Finds the place by binary search and moves the rest as a block. */
#include <stddef.h>
#include <string.h>

void ins_sort(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double value = x[i];
        if (x[i - 1] <= value)
            continue;
        size_t low = 0;
        size_t high = i - 1;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (x[middle] <= value)
                low = middle + 1;
            else
                high = middle;
        }
        memmove(x + low + 1, x + low, (i - low) * sizeof *x);
        x[low] = value;
    }
}
