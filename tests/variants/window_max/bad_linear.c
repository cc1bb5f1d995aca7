/* Wrong: keeps the place of the maximum and looks again only when it leaves; NaN breaks that. */
#include <stddef.h>

void window_max(const double *x, size_t n, size_t window, double *best)
{
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        if (i == 0 || at < i) {
            at = i;
            for (size_t k = i + 1; k < i + window; k++) {
                if (x[k] > x[at])
                    at = k;
            }
        } else if (x[i + window - 1] > x[at]) {
            at = i + window - 1;
        }
        best[i] = x[at];
    }
}
