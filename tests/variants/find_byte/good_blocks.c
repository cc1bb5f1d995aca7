/* Tests 64 bytes at once for any match, and looks closer only where there is one. */
#include <stddef.h>
#include <stdint.h>

enum { BLOCK = 64 };

static int occurs(const uint8_t *block, uint8_t byte)
{
    uint8_t any = 0;

    for (size_t i = 0; i < BLOCK; i++)
        any |= (uint8_t)(block[i] == byte);
    return any;
}

size_t find_byte(const uint8_t *data, size_t n, uint8_t byte)
{
    size_t i = 0;

    while (i + BLOCK <= n && !occurs(data + i, byte))
        i += BLOCK;
    while (i < n && data[i] != byte)
        i++;
    return i;
}
