/* Wrong: multiplies by a thousand in floating point, which may round a value onto a tie. */
#include <math.h>
#include <stdio.h>

int main(void)
{
    double value;
    size_t size;

    while ((size = fread(&value, 1, sizeof value, stdin)) == sizeof value) {
        if (fabs(value) < 9e12) {
            long long q = llrint(fabs(value) * 1000.0);
            printf("%s%lld.%03lld\n", signbit(value) ? "-" : "", q / 1000, q % 1000);
        } else {
            printf("%.3f\n", value);
        }
    }
    if (size > 0)
        fputs("fmt_fixed: the input ends within a number\n", stderr);
    return size == 0 && fflush(stdout) == 0 ? 0 : 1;
}
