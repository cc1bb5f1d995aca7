/*
 * Reads numbers of type double from standard input, eight bytes each, and prints every one with
 * three decimals on a line of its own: correctly rounded from the exact binary value, a tie to the
 * even digit, as printf does. Ends with exit status 1 if the input ends within a number.
 */

#include <stdio.h>

int main(void)
{
    double value;
    size_t size;

    while ((size = fread(&value, 1, sizeof value, stdin)) == sizeof value)
        printf("%.3f\n", value);
    if (size > 0)
        fputs("fmt_fixed: the input ends within a number\n", stderr);
    return size == 0 && fflush(stdout) == 0 ? 0 : 1;
}
