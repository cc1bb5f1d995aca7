/* Wrong: rounds ties away from zero. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 400, ROOM = 1 << 15 };

/* Writes a thousandth part of q with three decimals; returns the end. */
static char *write_thousandths(char *to, uint64_t q)
{
    char reversed[24];
    size_t length = 0;

    do {
        reversed[length++] = (char)('0' + q % 10);
        q /= 10;
        if (length == 3)
            reversed[length++] = '.';
    } while (q > 0 || length < 5);
    while (length > 0)
        *to++ = reversed[--length];
    return to;
}

static char *format(char *to, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int exponent = (int)(bits >> 52 & 0x7FF);
    uint64_t mantissa = bits & 0xFFFFFFFFFFFFFu;
    int shift = 1075 - exponent; /* the value is the mantissa divided by 2 to this power */

    if (shift <= 0)
        return to + sprintf(to, "%.3f\n", value);
    if (exponent == 0)
        shift--;
    else
        mantissa |= (uint64_t)1 << 52;
    uint64_t thousandfold = 1000 * mantissa;
    uint64_t q = 0;
    if (shift < 64) {
        uint64_t rest = thousandfold & (((uint64_t)1 << shift) - 1);
        uint64_t half = (uint64_t)1 << (shift - 1);
        q = thousandfold >> shift;
        q += rest >= half;
    }
    if (bits >> 63)
        *to++ = '-';
    to = write_thousandths(to, q);
    *to++ = '\n';
    return to;
}

int main(void)
{
    static char text[ROOM + LONGEST];
    char *at = text;
    double value;
    size_t size;

    while ((size = fread(&value, 1, sizeof value, stdin)) == sizeof value) {
        at = format(at, value);
        if (at >= text + ROOM) {
            fwrite(text, 1, (size_t)(at - text), stdout);
            at = text;
        }
    }
    fwrite(text, 1, (size_t)(at - text), stdout);
    if (size > 0)
        fputs("fmt_fixed: the input ends within a number\n", stderr);
    return size == 0 && fflush(stdout) == 0 ? 0 : 1;
}
