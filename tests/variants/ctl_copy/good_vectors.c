/* Copies vectors of two words by hand, with a test for the rest. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t pair __attribute__((vector_size(16)));

void ctl_copy(const uint64_t *block, size_t words, size_t copies, uint64_t *out)
{
    for (size_t c = 0; c < copies; c++) {
        uint64_t *to = out + c * words;
        size_t i = 0;
        for (; i + 4 <= words; i += 4) {
            pair low, high;
            memcpy(&low, block + i, sizeof low);
            memcpy(&high, block + i + 2, sizeof high);
            memcpy(to + i, &low, sizeof low);
            memcpy(to + i + 2, &high, sizeof high);
        }
        for (; i < words; i++)
            to[i] = block[i];
    }
}
