/* Stores every element and advances only past those that are kept: no branch to mispredict. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

size_t compact_lt(uint32_t *x, size_t n, uint32_t limit)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t value = x[i];
        x[kept] = value;
        kept += value < limit;
    }
    if (n > kept)
        memset(x + kept, 0, (n - kept) * sizeof *x);
    return kept;
}
