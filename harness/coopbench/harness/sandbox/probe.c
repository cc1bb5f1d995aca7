/* The sandbox's self-test: a subject of ours that tries what no subject may do.

   Without arguments it prints one line for each attempt that was NOT refused; the sandbox is
   in order if it prints nothing but "end". With an argument it is an idle kernel driver: it
   speaks the protocol of session.py and does no work, so that what a launch costs can be
   measured. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void blocked(const char *attempt, long result)
{
    if (result >= 0)
        puts(attempt);
}

static void try_processes(void)
{
    long pid = syscall(__NR_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    blocked("start a process", pid);
    blocked("enter a new user namespace", unshare(CLONE_NEWUSER));
    blocked("trace", ptrace(PTRACE_TRACEME, 0, 0, 0));
    blocked("signal another process", kill(1, 0));
}

static void try_files(int isolated)
{
    static const char *const hidden[] = {"/etc/passwd", "/proc/self/mem", "/dev/null", "/bin/sh"};
    for (size_t i = 0; isolated && i < sizeof hidden / sizeof *hidden; i++)
        blocked(hidden[i], open(hidden[i], O_RDONLY));
    blocked("create a file", open("/probe-was-here", O_WRONLY | O_CREAT, 0600));
    blocked("create a file in /tmp", open("/tmp/probe-was-here", O_WRONLY | O_CREAT, 0600));
    blocked("make a folder", mkdirat(AT_FDCWD, "/probe-was-here", 0700));
}

static void try_kernel(void)
{
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    blocked("open an internet socket", socket(AF_INET, SOCK_STREAM, 0));
    blocked("open a local socket", socket(AF_UNIX, SOCK_STREAM, 0));
    blocked("open a performance counter", syscall(__NR_perf_event_open, 0, 0, -1, -1, 0));
    blocked("use io_uring", syscall(__NR_io_uring_setup, 1, 0));
    blocked("use bpf", syscall(__NR_bpf, 0, 0, 0));
    blocked("use keys", syscall(__NR_keyctl, 0, 0, 0, 0, 0));
    blocked("raise a limit", setrlimit(RLIMIT_AS, &unlimited));
    blocked("change the processor", sched_setaffinity(0, sizeof one, &one));
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    blocked("map writable code", page == MAP_FAILED ? -1 : 0);
    for (int fd = 3; fd < 1024; fd++)
        blocked("use an inherited descriptor", fcntl(fd, F_GETFD));
}

static int idle(void)
{
    char c;
    if (write(3, "R", 1) != 1 || read(3, &c, 1) != 1 || c != 'G')
        return 1;
    if (write(3, "D", 1) != 1 || read(3, &c, 1) != 1 || c != 'X')
        return 2;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "idle") == 0)
        return idle();
    try_processes();
    try_files(argc < 2);
    try_kernel();
    puts("end");
    return 0;
}
