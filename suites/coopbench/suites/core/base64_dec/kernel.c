#include <stddef.h>
#include <stdint.h>

/* Returns the value of a digit of base64url, or -1. */
static int32_t digit_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '-')
        return 62;
    if (c == '_')
        return 63;
    return -1;
}

/*
 * Decodes base64url without padding (RFC 4648, section 5; as in web tokens) and returns the number
 * of bytes decoded. Decoding ends in front of the first group of four digits, or shorter last
 * group, that is malformed: with a byte that is no digit, with a single digit only, or with unused
 * bits that are not zero. What is left of the 3 * n / 4 bytes of out is filled with zeros.
 */
size_t base64_dec(const uint8_t *text, size_t n, uint8_t *out)
{
    size_t length = 0;

    for (size_t i = 0; i < n; i += 4) {
        size_t digits = n - i < 4 ? n - i : 4;
        uint32_t bits = 0;
        int malformed = digits == 1;

        for (size_t k = 0; k < digits; k++) {
            int32_t value = digit_value(text[i + k]);
            if (value < 0)
                malformed = 1;
            bits |= ((uint32_t)value & 0x3F) << (18 - 6 * k);
        }
        size_t bytes = digits * 3 / 4;
        if (malformed || (bits & (0xFFFFFFu >> (8 * bytes))) != 0)
            break;
        for (size_t k = 0; k < bytes; k++)
            out[length++] = (uint8_t)(bits >> (16 - 8 * k));
    }
    for (size_t i = length; i < 3 * n / 4; i++)
        out[i] = 0;
    return length;
}
