/* Wrong: reads whole blocks past the end of the data. */
#include <stddef.h>
#include <stdint.h>

size_t find_byte(const uint8_t *data, size_t n, uint8_t byte)
{
    for (size_t i = 0; i < n; i += 16) {
        uint8_t any = 0;
        for (size_t k = 0; k < 16; k++)
            any |= (uint8_t)(data[i + k] == byte);
        if (!any)
            continue;
        for (size_t k = i; k < i + 16 && k < n; k++) {
            if (data[k] == byte)
                return k;
        }
    }
    return n;
}
