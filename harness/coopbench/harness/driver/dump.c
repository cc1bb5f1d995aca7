/* Digests what a program prints, in place of formatting it.

   A program that dumps whole arrays spends longer on decimal digits than on its work, and two
   decimals hide errors. The values' own bits go into a digest here, which is printed at the end:
   the timed build is the verified one, and every bit counts. NaNs are equal to each other;
   -0.0 and 0.0 are not. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int coopbench_dump(FILE *stream, const char *format, ...);

static uint64_t one = 0x243f6a8885a308d3u, two = 0x13198a2e03707344u, values;

static void add(uint64_t word)
{
    one = (one ^ word) * 0x9e3779b97f4a7c15u;
    one ^= one >> 29;
    two = (two + one) * 0xbf58476d1ce4e5b9u;
    two ^= two >> 32;
    values++;
}

static void add_text(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        add((unsigned char)text[i]);
}

static void add_double(double value)
{
    uint64_t bits = 0x7ff8000000000000u;
    if (value == value)
        memcpy(&bits, &value, sizeof bits);
    add(bits);
}

static void finish(void)
{
    printf("digest %016llx%016llx of %llu values\n", (unsigned long long)one,
           (unsigned long long)two, (unsigned long long)values);
}

static const char *skip_to_conversion(const char *at, int *longs, int *wide, va_list *list)
{
    for (*longs = *wide = 0; *at; at++) {
        if (*at == '*')
            add((uint64_t)(int64_t)va_arg(*list, int));
        else if (*at == 'l' || *at == 'z' || *at == 'j' || *at == 't')
            ++*longs;
        else if (*at == 'L')
            *wide = 1;
        else if (!strchr("-+ #0123456789.h", *at))
            return at;
    }
    return at;
}

int coopbench_dump(FILE *stream, const char *format, ...)
{
    static int begun;
    va_list list;
    (void)stream;
    if (!begun && (begun = 1))
        atexit(finish);
    va_start(list, format);
    for (const char *at = format; *at; at++) {
        int longs, wide;
        if (*at != '%') {
            add((unsigned char)*at);
            continue;
        }
        at = skip_to_conversion(at + 1, &longs, &wide, &list);
        if (!*at)
            break;
        if (strchr("fFeEgGaA", *at)) {
            add_double(wide ? (double)va_arg(list, long double) : va_arg(list, double));
        } else if (*at == 's') {
            const char *text = va_arg(list, const char *);
            add_text(text, strlen(text));
        } else if (*at == 'd' || *at == 'i') {
            add((uint64_t)(longs ? va_arg(list, long) : va_arg(list, int)));
        } else if (*at == 'p') {
            (void)va_arg(list, void *);
        } else if (*at != '%') {
            add(longs ? va_arg(list, unsigned long) : va_arg(list, unsigned));
        }
    }
    va_end(list);
    return 1;
}
