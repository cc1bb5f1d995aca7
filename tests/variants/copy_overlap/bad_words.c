/* Wrong: copies eight bytes a step, although the distance may be less than eight. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void copy_overlap(uint8_t *buf, size_t len, size_t dst, size_t src, size_t count)
{
    size_t i = 0;

    (void)len;
    for (; i + 8 <= count; i += 8) {
        uint64_t word;
        memcpy(&word, buf + src + i, 8);
        memcpy(buf + dst + i, &word, 8);
    }
    for (; i < count; i++)
        buf[dst + i] = buf[src + i];
}
