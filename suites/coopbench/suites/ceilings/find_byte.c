/* Tests 128 bytes at once in vectors, loaded where they lie; the last block overlaps the one before. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t vector __attribute__((vector_size(16)));
typedef uint64_t pair __attribute__((vector_size(16)));

enum { BLOCK = 128, VECTORS = BLOCK / 16 };

static int occurs(const uint8_t *block, vector wanted)
{
    vector part[VECTORS];

    memcpy(part, block, BLOCK);
    vector any = (vector)(part[0] == wanted);
    for (size_t k = 1; k < VECTORS; k++)
        any |= (vector)(part[k] == wanted);
    pair both = (pair)any;
    return (both[0] | both[1]) != 0;
}

static size_t step(const uint8_t *data, size_t from, size_t to, uint8_t byte)
{
    while (from < to && data[from] != byte)
        from++;
    return from;
}

size_t find_byte(const uint8_t *data, size_t n, uint8_t byte)
{
    vector wanted = (vector){0} + byte;
    size_t i = 0;

    if (n < BLOCK)
        return step(data, 0, n, byte);
    for (; i + BLOCK <= n; i += BLOCK) {
        if (occurs(data + i, wanted))
            return step(data, i, n, byte);
    }
    return occurs(data + n - BLOCK, wanted) ? step(data, i, n, byte) : n;
}
