/* The clock of a program that times itself: it always shows zero.

   The program's calls are renamed to these in its objects. What it prints about times is then the
   same in every run, and it cannot tell a timed run from a tested one. */
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

clock_t coopbench_clock(void);
time_t coopbench_time(time_t *out);
int coopbench_gettimeofday(struct timeval *out, void *zone);
int coopbench_clock_gettime(clockid_t which, struct timespec *out);
int coopbench_clock_getres(clockid_t which, struct timespec *out);
int coopbench_timespec_get(struct timespec *out, int base);
clock_t coopbench_times(struct tms *out);
int coopbench_getrusage(int who, struct rusage *out);

clock_t coopbench_clock(void)
{
    return 0;
}

time_t coopbench_time(time_t *out)
{
    if (out)
        *out = 0;
    return 0;
}

int coopbench_gettimeofday(struct timeval *out, void *zone)
{
    (void)zone;
    if (out)
        memset(out, 0, sizeof *out);
    return 0;
}

int coopbench_clock_gettime(clockid_t which, struct timespec *out)
{
    (void)which;
    memset(out, 0, sizeof *out);
    return 0;
}

int coopbench_clock_getres(clockid_t which, struct timespec *out)
{
    (void)which;
    if (out)
        *out = (struct timespec){0, 1};
    return 0;
}

int coopbench_timespec_get(struct timespec *out, int base)
{
    memset(out, 0, sizeof *out);
    return base;
}

clock_t coopbench_times(struct tms *out)
{
    if (out)
        memset(out, 0, sizeof *out);
    return 0;
}

int coopbench_getrusage(int who, struct rusage *out)
{
    (void)who;
    memset(out, 0, sizeof *out);
    return 0;
}
