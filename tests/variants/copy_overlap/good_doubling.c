/* Copies blocks that do not overlap, and doubles them as the repeated pattern grows. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void copy_overlap(uint8_t *buf, size_t len, size_t dst, size_t src, size_t count)
{
    (void)len;
    if (count == 0)
        return;
    if (dst <= src || dst - src >= count) {
        memmove(buf + dst, buf + src, count);
        return;
    }
    size_t block = dst - src; /* buf[src..dst) repeats from here on */
    while (count > 0) {
        size_t now = block < count ? block : count;
        memcpy(buf + dst, buf + src, now);
        dst += now;
        count -= now;
        block = dst - src;
    }
}
