/* Wrong: forgets the bytes behind the last whole block. */
#include <stddef.h>
#include <stdint.h>

size_t find_byte(const uint8_t *data, size_t n, uint8_t byte)
{
    for (size_t i = 0; i + 64 <= n; i += 64) {
        for (size_t k = 0; k < 64; k++) {
            if (data[i + k] == byte)
                return i + k;
        }
    }
    return n;
}
