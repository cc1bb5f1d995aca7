/* Wrong: counts a last line that no newline ends. */
#include <stdint.h>
#include <stdio.h>

static const uint8_t is_space[256] = {
    [' '] = 1, ['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1, ['\r'] = 1,
};

int main(void)
{
    uint8_t block[1 << 15];
    unsigned long long lines = 0;
    unsigned long long words = 0;
    unsigned long long bytes = 0;
    uint8_t space = 1;
    size_t size;

    while ((size = fread(block, 1, sizeof block, stdin)) > 0) {
        bytes += size;
        for (size_t i = 0; i < size; i++) {
            uint8_t now = is_space[block[i]];
            lines += block[i] == '\n';
            words += space & (now ^ 1u);
            space = now;
        }
    }
    if (bytes > 0 && space == 0)
        lines++;
    printf("%llu %llu %llu\n", lines, words, bytes);
    return fflush(stdout) == 0 ? 0 : 1;
}
