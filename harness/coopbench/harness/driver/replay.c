/* Runs a program that reads standard input on many inputs in one process.

   The program's `main` and `exit` are renamed in its objects to the two functions below. Before
   the first input all writable memory of the image is copied aside: the program's variables, and
   the C library's, such as the buffers of stdin and stdout and the lists of the allocator. Before
   every other input the pages that changed are copied back, so each input finds what a new
   process would. What was allocated is left behind; it is the system's to take back at the end.

   Input number i is the file /inputs/i. After each output comes a line
   "\036coopbench <i> <exit status>". */
#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096
#define MOST_SEGMENTS 4

int coopbench_main(int argc, char **argv, char **environment);
_Noreturn void coopbench_exit(int status);

struct segment {
    char *start;
    char *copy;
    size_t size;
};

/* Lies in the image, so it is set anew after every restoration. */
static jmp_buf *leave;

_Noreturn void coopbench_exit(int status)
{
    /* longjmp makes 1 of 0 */
    longjmp(*leave, (status & 255) + 1);
}

static size_t find_segments(struct segment *found)
{
    const Elf64_Phdr *header = (const Elf64_Phdr *)getauxval(AT_PHDR);
    size_t count = getauxval(AT_PHNUM), n = 0;
    uintptr_t base = 0;
    for (size_t i = 0; i < count; i++)
        if (header[i].p_type == PT_PHDR)
            base = (uintptr_t)header - header[i].p_vaddr;
    for (size_t i = 0; i < count && n < MOST_SEGMENTS; i++) {
        if (header[i].p_type != PT_LOAD || !(header[i].p_flags & PF_W))
            continue;
        char *start = (char *)(base + header[i].p_vaddr);
        found[n].start = start;
        found[n].size = header[i].p_memsz;
        n++;
    }
    return n;
}

static void restore(const struct segment *segments, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t at = 0; at < segments[i].size; at += PAGE) {
            size_t size = segments[i].size - at < PAGE ? segments[i].size - at : PAGE;
            char *here = segments[i].start + at;
            const char *copy = segments[i].copy + at;
            if (memcmp(here, copy, size))
                memcpy(here, copy, size);
        }
    }
}

static void use_input(unsigned index)
{
    char name[32];
    unsigned digits = 1, rest = index;
    while (rest /= 10)
        digits++;
    memcpy(name, "/inputs/", 8);
    name[8 + digits] = 0;
    for (unsigned i = digits; i--; index /= 10)
        name[8 + i] = (char)('0' + index % 10);
    int file = open(name, O_RDONLY);
    if (file < 0 || dup2(file, 0) != 0)
        _exit(120);
    if (file != 0)
        close(file);
}

int main(int argc, char **argv, char **environment)
{
    struct segment segments[MOST_SEGMENTS];
    char *own[] = {argv[0], 0};
    if (argc != 2)
        return 121;
    unsigned inputs = (unsigned)strtoul(argv[1], 0, 10);
    size_t count = find_segments(segments);
    for (size_t i = 0; i < count; i++) {
        segments[i].copy = mmap(0, segments[i].size, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (segments[i].copy == MAP_FAILED)
            return 122;
    }
    for (size_t i = 0; i < count; i++)
        memcpy(segments[i].copy, segments[i].start, segments[i].size);
    for (volatile unsigned i = 0; i < inputs; i++) {
        jmp_buf back;
        restore(segments, count);
        leave = &back;
        use_input(i);
        int left = setjmp(back);
        int status = left ? left - 1 : coopbench_main(1, own, environment) & 255;
        printf("\n\036coopbench %u %d\n", i, status);
        fflush(stdout);
        fflush(stderr);
    }
    _exit(0);
}
