#include <stddef.h>
#include <stdint.h>

/*
 * Copies count bytes of buf from src on to dst on, one after the other in ascending order, as a
 * decompressor expands a match: where the copy runs into its own output, the output repeats.
 */
void copy_overlap(uint8_t *buf, size_t len, size_t dst, size_t src, size_t count)
{
    (void)len; /* the caller has checked that both ends lie within buf */
    for (size_t i = 0; i < count; i++)
        buf[dst + i] = buf[src + i];
}
