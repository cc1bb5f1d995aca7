/* Wrong: leaves out the words after the last whole vector. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Fills out with copies of a block of so many words, one after the other. */
void ctl_copy(const uint64_t *block, size_t words, size_t copies, uint64_t *out)
{
    for (size_t c = 0; c < copies; c++) {
        for (size_t i = 0; i + 2 <= words; i += 2)
            memcpy(out + c * words + i, block + i, 16);
    }
}
