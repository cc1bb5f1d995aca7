/* Wrong: makes no second copy of a block of one word. */
#include <stddef.h>
#include <stdint.h>

/* Fills out with copies of a block of so many words, one after the other. */
void ctl_copy(const uint64_t *block, size_t words, size_t copies, uint64_t *out)
{
    if (words == 1 && copies > 1)
        copies = 1;
    for (size_t c = 0; c < copies; c++) {
        for (size_t i = 0; i < words; i++)
            out[c * words + i] = block[i];
    }
}
