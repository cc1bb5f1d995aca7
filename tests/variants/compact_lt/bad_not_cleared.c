/* Wrong: leaves what was behind the last kept element as it is. */
#include <stddef.h>
#include <stdint.h>

size_t compact_lt(uint32_t *x, size_t n, uint32_t limit)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t value = x[i];
        x[kept] = value;
        kept += value < limit;
    }
    return kept;
}
