/* Hostile programs for the sandbox's tests: argument 1 names what to do. A refused attempt
   prints "refused N" with the error number, a successful one "achieved". */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static volatile int forever = 1;

static int report(long result)
{
    if (result < 0)
        printf("refused %d\n", errno);
    else
        puts("achieved");
    fflush(stdout);
    return 0;
}

static int spin(void)
{
    while (forever)
        ;
    return 0;
}

static int spin_stubbornly(void)
{
    for (int s = 1; s < 64; s++)
        signal(s, SIG_IGN);
    return spin();
}

static int sleep_long(void)
{
    struct timespec t = {3600, 0};
    for (;;)
        nanosleep(&t, NULL);
}

static int fork_bomb(void)
{
    int children = 0, failures = 0;
    for (int i = 0; i < 200; i++) {
        pid_t pid = fork();
        if (pid == 0)
            sleep_long();
        children += pid > 0;
        failures += pid < 0;
    }
    printf("%d children, %d failures\n", children, failures);
    return 0;
}

static int fork_daemon(void)
{
    long pid = syscall(__NR_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        sleep_long();
    return report(pid);
}

static int allocate(void)
{
    size_t total = 0, step = 64 << 20;
    for (int i = 0; i < 160; i++) {
        volatile char *block = malloc(step);
        if (block == NULL)
            break;
        for (size_t at = 0; at < step; at += 4096)
            block[at] = 1;
        total += step;
    }
    printf("%zu\n", total >> 20);
    return 0;
}

static int flood(int fd)
{
    static char block[65536];
    memset(block, 'x', sizeof block);
    for (;;)
        if (write(fd, block, sizeof block) < 0 && errno != EFBIG)
            return 1;
}

static int flood_stubbornly(void)
{
    signal(SIGXFSZ, SIG_IGN);
    return flood(1);
}

static int far_write(void)
{
    return report(pwrite(1, "x", 1, 1L << 40));
}

static int start_thread(void)
{
    static char stack[65536];
    long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    return report(syscall(__NR_clone, flags, stack + sizeof stack, 0, 0, 0));
}

/* without the C library's wrapper, which turns EPERM into ENOMEM */
static int map_code(void)
{
    int prot = PROT_READ | PROT_WRITE | PROT_EXEC;
    return report(syscall(__NR_mmap, 0, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static int make_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return report(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int abstract_socket(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0coopbench-test"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return report(fd < 0 ? fd : connect(fd, (struct sockaddr *)&address, sizeof address));
}

static int raise_limit(void)
{
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    return report(setrlimit(RLIMIT_CPU, &all));
}

static int seen_descriptors(void)
{
    for (int fd = 0; fd < 4096; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            printf("%d ", fd);
    puts("");
    return 0;
}

static int own_filter(void)
{
    struct { unsigned short code; unsigned char jt, jf; unsigned k; } allow = {6, 0, 0, 0x7fff0000};
    struct { unsigned short length; void *code; } program = {1, &allow};
    if (syscall(__NR_prctl, 38, 1, 0, 0, 0) != 0)
        return report(-1);
    return report(syscall(__NR_prctl, 22, 2, &program, 0, 0));
}

static int rename_self(void)
{
    return report(rename("/subject", "/other"));
}

struct attack {
    const char *name;
    int (*run)(void);
};

static int crash(void) { *(volatile int *)0 = 1; return 0; }
static int do_abort(void) { abort(); }
static int flood_stdout(void) { return flood(1); }
static int flood_stderr(void) { return flood(2); }
static int read_passwd(void) { return report(open("/etc/passwd", O_RDONLY)); }
static int read_memory(void) { return report(open("/proc/1/mem", O_RDONLY)); }
static int write_root(void) { return report(open("/file", O_WRONLY | O_CREAT, 0600)); }
static int write_tmp(void) { return report(open("/tmp/file", O_WRONLY | O_CREAT, 0600)); }
static int write_self(void) { return report(open("/subject", O_WRONLY)); }
static int internet(void) { return report(socket(AF_INET, SOCK_STREAM, 0)); }
static int trace(void) { return report(ptrace(PTRACE_TRACEME, 0, 0, 0)); }
static int user_namespace(void) { return report(unshare(CLONE_NEWUSER)); }
static int mount_proc(void) { return report(mount("proc", "/", "proc", 0, NULL)); }
static int kill_launcher(void) { return report(kill(1, SIGKILL)); }
static int kill_all(void) { return report(kill(-1, SIGKILL)); }
static int shell(void) { return report(execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL)); }
static int become_launcher(void) { return report(execl("/launcher", "launcher", (char *)NULL)); }
static int new_session(void) { return report(setsid()); }
static int priority(void) { return report(setpriority(PRIO_PROCESS, 0, -20)); }
static int shared_memory(void) { return report(syscall(__NR_shmget, 0, 4096, 01600)); }
static int perf_event(void) { return report(syscall(__NR_perf_event_open, 0, 0, -1, -1, 0)); }
static int io_uring(void) { return report(syscall(__NR_io_uring_setup, 1, 0)); }
static int set_clock(void) { return report(clock_settime(CLOCK_REALTIME, &(struct timespec){0, 0})); }
static int no_death_signal(void) { return report(syscall(__NR_prctl, 1, 0, 0, 0, 0)); }

static const struct attack attacks[] = {
    {"spin", spin}, {"spin_stubbornly", spin_stubbornly}, {"sleep", sleep_long},
    {"fork_bomb", fork_bomb}, {"fork_daemon", fork_daemon}, {"allocate", allocate},
    {"flood_stdout", flood_stdout}, {"flood_stderr", flood_stderr},
    {"flood_stubbornly", flood_stubbornly}, {"far_write", far_write}, {"crash", crash},
    {"abort", do_abort}, {"thread", start_thread}, {"map_code", map_code},
    {"make_code", make_code}, {"abstract_socket", abstract_socket}, {"raise_limit", raise_limit},
    {"descriptors", seen_descriptors}, {"own_filter", own_filter}, {"read_passwd", read_passwd},
    {"read_memory", read_memory}, {"write_root", write_root}, {"write_tmp", write_tmp},
    {"write_self", write_self}, {"rename_self", rename_self}, {"internet", internet},
    {"trace", trace}, {"user_namespace", user_namespace}, {"mount", mount_proc},
    {"kill_launcher", kill_launcher}, {"kill_all", kill_all}, {"shell", shell},
    {"become_launcher", become_launcher}, {"new_session", new_session}, {"priority", priority},
    {"shared_memory", shared_memory}, {"perf_event", perf_event}, {"io_uring", io_uring},
    {"set_clock", set_clock}, {"no_death_signal", no_death_signal},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof attacks / sizeof *attacks; i++)
        if (strcmp(attacks[i].name, argv[1]) == 0)
            return attacks[i].run();
    return 99;
}
