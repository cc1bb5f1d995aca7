/* Well-behaved programs for the tests of launching: argument 1 names what to do. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static int copy_stdin(void)
{
    char block[4096];
    size_t n;
    while ((n = fread(block, 1, sizeof block, stdin)) > 0)
        fwrite(block, 1, n, stdout);
    return 0;
}

static int show(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        printf("arg %s\n", argv[i]);
    for (char **e = environ; *e; e++)
        printf("env %s\n", *e);
    return 0;
}

static int show_file(const char *path)
{
    char line[256];
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 3;
    while (fgets(line, sizeof line, file))
        fputs(line, stdout);
    return 0;
}

static int write_file(const char *path)
{
    FILE *file = fopen(path, "w");
    return file == NULL || fputs("written\n", file) < 0 || fclose(file) != 0 ? 3 : 0;
}

static int addresses(void)
{
    int local;
    printf("%p %p\n", (void *)&local, malloc(1 << 20));
    return 0;
}

static int processors(void)
{
    cpu_set_t set;
    sched_getaffinity(0, sizeof set, &set);
    for (int i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET((unsigned)i, &set))
            printf("%d\n", i);
    return 0;
}

static int touch_memory(size_t mebibytes)
{
    char *block = malloc(mebibytes << 20);
    if (block == NULL)
        return 3;
    memset(block, 1, mebibytes << 20);
    return block[12345] - 1;
}

/* exactly 2 * n + a constant number of instructions on both architectures */
static int loop(uint64_t n)
{
#if defined(__x86_64__)
    __asm__ volatile("1: dec %0\n jnz 1b" : "+r"(n));
#else
    __asm__ volatile("1: subs %0, %0, #1\n b.ne 1b" : "+r"(n));
#endif
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    const char *argument = argc > 2 ? argv[2] : "";
    if (strcmp(what, "copy") == 0)
        return copy_stdin();
    if (strcmp(what, "show") == 0)
        return show(argc, argv);
    if (strcmp(what, "exit") == 0)
        return atoi(argument);
    if (strcmp(what, "read") == 0)
        return show_file(argument);
    if (strcmp(what, "write") == 0)
        return write_file(argument);
    if (strcmp(what, "addresses") == 0)
        return addresses();
    if (strcmp(what, "processors") == 0)
        return processors();
    if (strcmp(what, "touch") == 0)
        return touch_memory((size_t)atoi(argument));
    if (strcmp(what, "loop") == 0)
        return loop((uint64_t)atoll(argument));
    return 99;
}
