/* Wrong: copies from the end, which replicates in the wrong direction. */
#include <stddef.h>
#include <stdint.h>

void copy_overlap(uint8_t *buf, size_t len, size_t dst, size_t src, size_t count)
{
    (void)len;
    while (count-- > 0)
        buf[dst + count] = buf[src + count];
}
