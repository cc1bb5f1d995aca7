/* The launcher: the trusted process between the sandbox and a subject.

   usage: launcher OPTION=VALUE... -- PROGRAM ARGUMENT...

   It is process 1 of the sandbox. It starts one child, takes away what a subject must not
   have (limits, processor, privileges, descriptors, system calls), and becomes PROGRAM in that
   child. It then waits for it, tells the parent how it ended and what it used, and exits, upon
   which the kernel ends whatever else might live in the sandbox. Being process 1 itself,
   instead of the subject, keeps signals ordinary for the subject (abort() and raise() do not
   end a process 1) and makes its resource usage its own.

   Messages on descriptor STATUS, one packet each (see also spawn.py):
     L                      from process 1: the launcher runs
     E <struct usage>       from the child, immediately before execve: what was used so far
     F <int32 errno> <text> from either: a step failed
     S <int64 status> <struct usage>  from process 1: the wait status and the child's total
   STATUS is closed on exec and not inherited by the subject. */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "syscall_filter.h"

enum { CONTROL = 3, STATUS = 10, FIRST_FREE = 3, MAX_KEPT = 16, MAX_ENVIRONMENT = 64 };

struct usage {
    int64_t monotonic_ns, cpu_ns, max_rss_kib, minor_faults, major_faults, voluntary, involuntary;
};

struct options {
    struct filter_request filter;
    int64_t address_space, cpu_s, file_bytes, stack_bytes, processes;
    int cpu;            /* to run on, or -1 for any */
    int fixed_layout;   /* 1: no address-space randomization */
    int kept[MAX_KEPT]; /* descriptors that the subject inherits, besides 0, 1 and 2 */
    int kept_count;
    char *environment[MAX_ENVIRONMENT + 1];
    int environment_count;
    char **command;
};

static _Noreturn void fail(const char *step)
{
    struct { char kind; char packed[4]; char text[59]; } message = {.kind = 'F'};
    int32_t number = errno;
    memcpy(message.packed, &number, sizeof number);
    strncpy(message.text, step, sizeof message.text - 1);
    (void)!write(STATUS, &message, 5 + strlen(message.text));
    _exit(125);
}

static _Noreturn void misused(const char *what)
{
    errno = EINVAL;
    fail(what);
}

static int64_t number(const char *text)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0')
        misused(text);
    return value;
}

static void take_option(struct options *o, char *option)
{
    char *value = strchr(option, '=');
    if (value == NULL)
        misused(option);
    *value++ = '\0';
    if (strcmp(option, "env") == 0) {
        if (o->environment_count == MAX_ENVIRONMENT)
            misused("too many env options");
        o->environment[o->environment_count++] = value;
        return;
    }
    if (strcmp(option, "keep") == 0) {
        if (o->kept_count == MAX_KEPT)
            misused("too many keep options");
        o->kept[o->kept_count++] = (int)number(value);
        return;
    }
    const struct { const char *name; int *small; int64_t *large; } known[] = {
        {"emulator", &o->filter.emulator, NULL}, {"writes", &o->filter.writes, NULL},
        {"cpu", &o->cpu, NULL},                  {"fixed_layout", &o->fixed_layout, NULL},
        {"address_space", NULL, &o->address_space}, {"cpu_s", NULL, &o->cpu_s},
        {"file_bytes", NULL, &o->file_bytes},    {"stack_bytes", NULL, &o->stack_bytes},
        {"processes", NULL, &o->processes},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(option, known[i].name) != 0)
            continue;
        if (known[i].small != NULL)
            *known[i].small = (int)number(value);
        else
            *known[i].large = number(value);
        return;
    }
    misused(option);
}

static void parse(struct options *o, char **argv)
{
    *o = (struct options){.filter.control = CONTROL, .address_space = -1, .cpu_s = -1,
                          .file_bytes = -1, .stack_bytes = -1, .processes = -1, .cpu = -1};
    char **at = argv + 1;
    for (; *at != NULL && strcmp(*at, "--") != 0; at++)
        take_option(o, *at);
    if (*at == NULL || at[1] == NULL)
        misused("no program");
    if (o->address_space < 0 || o->cpu_s < 0 || o->file_bytes < 0 || o->stack_bytes < 0 ||
        o->processes < 0)
        misused("a limit is missing");
    o->command = at + 1;
    o->filter.path = o->command[0];
}

/* Lowers a limit; one that the launcher itself was given and that is lower already stays. */
static void limit(int resource, int64_t soft, int64_t hard, const char *step)
{
    struct rlimit value;
    if (getrlimit(resource, &value) != 0)
        fail(step);
    if ((rlim_t)hard < value.rlim_max)
        value.rlim_max = (rlim_t)hard;
    value.rlim_cur = (rlim_t)soft < value.rlim_max ? (rlim_t)soft : value.rlim_max;
    if (setrlimit(resource, &value) != 0)
        fail(step);
}

static void set_limits(const struct options *o)
{
    limit(RLIMIT_CORE, 0, 0, "limit core files");
    limit(RLIMIT_MEMLOCK, 0, 0, "limit locked memory");
    limit(RLIMIT_MSGQUEUE, 0, 0, "limit message queues");
    limit(RLIMIT_NOFILE, 256, 256, "limit open files");
    limit(RLIMIT_NPROC, o->processes, o->processes, "limit processes");
    limit(RLIMIT_FSIZE, o->file_bytes, o->file_bytes, "limit file size");
    limit(RLIMIT_STACK, o->stack_bytes, o->stack_bytes, "limit stack size");
    /* at the soft limit SIGXCPU, which a subject may ignore; at the hard one SIGKILL */
    limit(RLIMIT_CPU, o->cpu_s, o->cpu_s + 1, "limit processor time");
    limit(RLIMIT_AS, o->address_space, o->address_space, "limit address space");
}

static void place(const struct options *o)
{
    if (o->cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET((unsigned)o->cpu, &set);
        if (sched_setaffinity(0, sizeof set, &set) != 0)
            fail("bind to the processor");
    }
    if (o->fixed_layout && personality(PER_LINUX | ADDR_NO_RANDOMIZE) < 0)
        fail("fix the address-space layout");
}

static void drop_privileges(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};
    if (syscall(__NR_capset, &header, none) != 0)
        fail("drop capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        fail("set no_new_privs");
}

static void close_range_compat(int first, int last)
{
    if (syscall(__NR_close_range, first, last, 0) == 0 || first > last)
        return;
    for (int fd = first; fd <= last && fd < 4096; fd++)
        close(fd);
}

/* Closes every descriptor but 0, 1, 2, the named ones and STATUS (which closes on exec). */
static void keep_descriptors(const struct options *o)
{
    int next = FIRST_FREE;
    for (;;) {
        int lowest = STATUS >= next ? STATUS : INT32_MAX;
        for (int i = 0; i < o->kept_count; i++)
            if (o->kept[i] >= next && o->kept[i] < lowest)
                lowest = o->kept[i];
        close_range_compat(next, lowest - 1);
        if (lowest == INT32_MAX)
            break;
        next = lowest + 1;
    }
    if (fcntl(STATUS, F_SETFD, FD_CLOEXEC) != 0)
        fail("close the status channel on exec");
}

static void reset_signals(void)
{
    for (int signal_number = 1; signal_number < 65; signal_number++)
        signal(signal_number, SIG_DFL); /* fails for SIGKILL and SIGSTOP, which are never changed */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int64_t nanoseconds(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) != 0)
        fail("read a clock");
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct usage usage_of(const struct rusage *r, clockid_t cpu_clock)
{
    return (struct usage){nanoseconds(CLOCK_MONOTONIC), nanoseconds(cpu_clock), r->ru_maxrss,
                          r->ru_minflt, r->ru_majflt, r->ru_nvcsw, r->ru_nivcsw};
}

static void report_start(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    char message[1 + sizeof(struct usage)] = {'E'};
    struct usage used = usage_of(&r, CLOCK_PROCESS_CPUTIME_ID);
    memcpy(message + 1, &used, sizeof used);
    if (write(STATUS, message, sizeof message) != sizeof message)
        _exit(125);
}

static _Noreturn void become_subject(const struct options *o)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        fail("die with the launcher");
    keep_descriptors(o);
    reset_signals();
    place(o);
    drop_privileges();
    set_limits(o);
    if (install_filter(&o->filter) != 0)
        fail("install the system-call filter");
    report_start();
    execve(o->command[0], o->command, o->environment);
    fail("execute the program");
}

static void report_end(pid_t child)
{
    siginfo_t info;
    while (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) != 0)
        if (errno != EINTR)
            fail("wait for the program");
    int64_t monotonic_ns = nanoseconds(CLOCK_MONOTONIC);
    /* the processor clock of a process that has ended and is not yet reaped: in nanoseconds,
       where wait4 has microseconds; CPUCLOCK_SCHED of <linux/posix-timers.h> is 2 */
    int64_t cpu_ns = nanoseconds((clockid_t)((~(unsigned)child << 3) | 2));
    struct rusage r;
    int status;
    if (wait4(child, &status, 0, &r) != child)
        fail("reap the program");
    struct usage used = {monotonic_ns, cpu_ns, r.ru_maxrss, r.ru_minflt, r.ru_majflt, r.ru_nvcsw,
                         r.ru_nivcsw};
    char message[1 + sizeof(int64_t) + sizeof used] = {'S'};
    int64_t wide = status;
    memcpy(message + 1, &wide, sizeof wide);
    memcpy(message + 1 + sizeof wide, &used, sizeof used);
    (void)!write(STATUS, message, sizeof message);
}

int main(int argc, char **argv)
{
    (void)argc;
    struct options o;
    parse(&o, argv);
    /* bubblewrap has seen to this already; without it nobody else would */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        fail("die with the parent");
    if (write(STATUS, "L", 1) != 1)
        return 125;
    pid_t child = fork();
    if (child < 0)
        fail("start a process");
    if (child == 0)
        become_subject(&o);
    /* only the subject may hold its channels, so that the parent sees their end with it */
    close_range_compat(0, STATUS - 1);
    close_range_compat(STATUS + 1, INT32_MAX);
    report_end(child);
    return 0;
}
