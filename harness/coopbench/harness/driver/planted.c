/* Adds a known amount of work to a program of others, before its main: the planted effect that a
   run must find. It is asked for by an environment variable; without it, nothing is added. */
#include <stdint.h>
#include <stdlib.h>

static volatile uint64_t kept;

__attribute__((constructor)) static void add_work(void)
{
    const char *asked = getenv("COOPBENCH_EXTRA_WORK");
    uint64_t chain = 0x9e3779b97f4a7c15u;
    for (unsigned long left = asked ? strtoul(asked, 0, 10) : 0; left; left--)
        chain = (chain ^ (chain >> 27)) * 0x94d049bb133111ebu;
    kept = chain;
}
