/* Wrong: rounds the count up to whole words, and writes behind the end of the copy. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void copy_overlap(uint8_t *buf, size_t len, size_t dst, size_t src, size_t count)
{
    (void)len;
    if (dst > src + 8) {
        for (size_t i = 0; i < count; i += 8)
            memcpy(buf + dst + i, buf + src + i, 8);
        return;
    }
    for (size_t i = 0; i < count; i++)
        buf[dst + i] = buf[src + i];
}
