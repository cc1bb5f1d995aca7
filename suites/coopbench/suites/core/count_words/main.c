/*
 * Counts the lines, words and bytes of standard input and prints the three numbers. A line ends
 * with a newline; a word is a run of bytes that are not white space in the C locale.
 */

#include <stdio.h>

static int is_space(int c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r';
}

int main(void)
{
    unsigned long long lines = 0;
    unsigned long long words = 0;
    unsigned long long bytes = 0;
    int in_word = 0;
    int c;

    while ((c = getchar()) != EOF) {
        bytes++;
        if (c == '\n')
            lines++;
        if (is_space(c)) {
            in_word = 0;
        } else if (!in_word) {
            in_word = 1;
            words++;
        }
    }
    printf("%llu %llu %llu\n", lines, words, bytes);
    return fflush(stdout) == 0 ? 0 : 1;
}
