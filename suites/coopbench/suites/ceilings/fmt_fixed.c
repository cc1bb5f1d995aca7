/* Rounds in integers, writes two digits a step, and reads and writes by the block. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 400, ROOM = 1 << 15 };

static const char pairs[201] =
    "0001020304050607080910111213141516171819"
    "2021222324252627282930313233343536373839"
    "4041424344454647484950515253545556575859"
    "6061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

static size_t digits_of(uint64_t value)
{
    static const uint64_t power[] = {
        10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
        100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
        10000000000000000, UINT64_MAX,
    };
    size_t digits = 1;
    while (value >= power[digits - 1])
        digits++;
    return digits;
}

/* Writes a thousandth part of q with three decimals; returns the end. */
static char *write_thousandths(char *to, uint64_t q)
{
    uint64_t whole = q / 1000;
    unsigned decimals = (unsigned)(q % 1000);
    char *end = to + digits_of(whole);

    end[0] = '.';
    end[1] = (char)('0' + decimals / 100);
    memcpy(end + 2, pairs + 2 * (decimals % 100), 2);
    to = end;
    for (; whole >= 100; whole /= 100) {
        to -= 2;
        memcpy(to, pairs + 2 * (whole % 100), 2);
    }
    if (whole >= 10)
        memcpy(to - 2, pairs + 2 * whole, 2);
    else
        to[-1] = (char)('0' + whole);
    return end + 4;
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
        q += rest > half || (rest == half && (q & 1));
    }
    if (bits >> 63)
        *to++ = '-';
    to = write_thousandths(to, q);
    *to++ = '\n';
    return to;
}

int main(void)
{
    static double values[4096];
    static char text[ROOM + LONGEST];
    char *at = text;
    size_t size;

    do {
        size = fread(values, 1, sizeof values, stdin);
        for (size_t i = 0; i < size / sizeof *values; i++) {
            at = format(at, values[i]);
            if (at >= text + ROOM) {
                fwrite(text, 1, (size_t)(at - text), stdout);
                at = text;
            }
        }
    } while (size == sizeof values);
    fwrite(text, 1, (size_t)(at - text), stdout);
    size %= sizeof *values;
    if (size > 0)
        fputs("fmt_fixed: the input ends within a number\n", stderr);
    return size == 0 && fflush(stdout) == 0 ? 0 : 1;
}
