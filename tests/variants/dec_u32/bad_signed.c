/* Wrong: takes numbers from 2^31 on for negative ones. */
#include <stddef.h>
#include <stdint.h>

/* Writes the decimal digits of value to text and returns how many there are. */
static size_t write_number(uint32_t value, uint8_t *text)
{
    uint8_t reversed[10];
    size_t digits = 0;

    int32_t rest = (int32_t)value;
    do {
        reversed[digits++] = (uint8_t)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    for (size_t i = 0; i < digits; i++)
        text[i] = reversed[digits - 1 - i];
    return digits;
}

/*
 * Writes the numbers of x in decimal, a newline after each, and returns the length of the text.
 * What is left of the 11 * n bytes of text is filled with zeros.
 */
size_t dec_u32(const uint32_t *x, size_t n, uint8_t *text)
{
    size_t length = 0;

    for (size_t i = 0; i < n; i++) {
        length += write_number(x[i], text + length);
        text[length++] = '\n';
    }
    for (size_t i = length; i < 11 * n; i++)
        text[i] = 0;
    return length;
}
