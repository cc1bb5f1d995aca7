/* Computes the length first and writes two digits a step from a table, backwards in place. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const char pairs[201] =
    "0001020304050607080910111213141516171819"
    "2021222324252627282930313233343536373839"
    "4041424344454647484950515253545556575859"
    "6061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

static size_t digits_of(uint32_t value)
{
    return 1 + (size_t)(value >= 10) + (size_t)(value >= 100) + (size_t)(value >= 1000) +
           (size_t)(value >= 10000) + (size_t)(value >= 100000) + (size_t)(value >= 1000000) +
           (size_t)(value >= 10000000) + (size_t)(value >= 100000000) +
           (size_t)(value >= 1000000000);
}

size_t dec_u32(const uint32_t *x, size_t n, uint8_t *text)
{
    uint8_t *at = text;

    for (size_t i = 0; i < n; i++) {
        uint32_t value = x[i];
        uint8_t *end = at + digits_of(value);
        at = end + 1;
        *end = '\n';
        for (; value >= 100; value /= 100) {
            end -= 2;
            memcpy(end, pairs + 2 * (value % 100), 2);
        }
        if (value >= 10)
            memcpy(end - 2, pairs + 2 * value, 2);
        else
            end[-1] = (uint8_t)('0' + value);
    }
    size_t length = (size_t)(at - text);
    if (length < 11 * n)
        memset(at, 0, 11 * n - length);
    return length;
}
