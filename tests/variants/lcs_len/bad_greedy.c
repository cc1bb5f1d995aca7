/* Wrong: takes each letter of a at its next place in b. */
#include <stddef.h>
#include <stdint.h>

uint32_t lcs_len(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint32_t *rows)
{
    uint32_t length = 0;
    size_t next = 0;

    (void)rows;
    for (size_t i = 0; i < na; i++) {
        size_t j = next;
        while (j < nb && b[j] != a[i])
            j++;
        if (j < nb) {
            length++;
            next = j + 1;
        }
    }
    return length;
}
