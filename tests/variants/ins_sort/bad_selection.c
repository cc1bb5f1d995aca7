/* Wrong: selection by exchange is not stable, so that 0.0 and -0.0 may change places. */
#include <stddef.h>

void ins_sort(double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t least = i;
        for (size_t j = i + 1; j < n; j++)
            if (x[j] < x[least])
                least = j;
        double swap = x[i];
        x[i] = x[least];
        x[least] = swap;
    }
}
