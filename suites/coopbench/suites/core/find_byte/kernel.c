#include <stddef.h>
#include <stdint.h>

/* Returns the index of the first byte of data that equals `byte`, or n if there is none. */
size_t find_byte(const uint8_t *data, size_t n, uint8_t byte)
{
    for (size_t i = 0; i < n; i++) {
        if (data[i] == byte)
            return i;
    }
    return n;
}
