/* Comes before every source of a program that prints its results as text; see dump.c. */
#include <stdio.h>

int coopbench_dump(FILE *stream, const char *format, ...);

#define fprintf(...) coopbench_dump(__VA_ARGS__)
#define printf(...) coopbench_dump(stdout, __VA_ARGS__)
