/* Wrong: compares as signed numbers. */
#include <stddef.h>
#include <stdint.h>

size_t compact_lt(uint32_t *x, size_t n, uint32_t limit)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t value = x[i];
        x[kept] = value;
        kept += (int32_t)value < (int32_t)limit;
    }
    for (size_t i = kept; i < n; i++)
        x[i] = 0;
    return kept;
}
