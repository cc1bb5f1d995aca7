/* Wrong: memmove keeps the source as it was instead of replicating it. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void copy_overlap(uint8_t *buf, size_t len, size_t dst, size_t src, size_t count)
{
    (void)len;
    if (count > 0)
        memmove(buf + dst, buf + src, count);
}
