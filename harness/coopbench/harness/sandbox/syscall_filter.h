/* The system-call filters of the launcher: allow-lists, everything else is refused with EPERM.

   Two profiles. `subject` is what a single-threaded static program needs that computes, reads
   the files it was given and writes to descriptors it was given. `emulator` adds what QEMU
   user mode needs: threads of its own process, executable pages, waiting for signals.
   Neither can create a process, a socket or a namespace, trace, or change limits. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_AARCH64
#else
#error "the sandbox supports x86-64 and AArch64"
#endif

/* What both profiles may do with any arguments. */
static const int common_calls[] = {
    __NR_read, __NR_write, __NR_readv, __NR_writev, __NR_pread64, __NR_pwrite64, __NR_preadv,
    __NR_pwritev, __NR_lseek, __NR_close, __NR_dup, __NR_dup3, __NR_ppoll, __NR_pselect6,
    __NR_fstat, __NR_newfstatat, __NR_statx, __NR_faccessat, __NR_faccessat2, __NR_readlinkat,
    __NR_getdents64, __NR_getcwd, __NR_munmap, __NR_mremap, __NR_madvise, __NR_brk, __NR_futex,
    __NR_set_tid_address, __NR_set_robust_list, __NR_rseq, __NR_rt_sigaction, __NR_rt_sigprocmask,
    __NR_rt_sigreturn, __NR_sigaltstack, __NR_restart_syscall, __NR_clock_gettime,
    __NR_clock_getres, __NR_clock_nanosleep, __NR_nanosleep, __NR_gettimeofday, __NR_times,
    __NR_getrusage, __NR_getrandom, __NR_getpid, __NR_getppid, __NR_gettid, __NR_getuid,
    __NR_geteuid, __NR_getgid, __NR_getegid, __NR_uname, __NR_sysinfo, __NR_sched_yield,
    __NR_sched_getaffinity, __NR_getcpu, __NR_exit, __NR_exit_group,
#ifdef __x86_64__
    __NR_dup2, __NR_poll, __NR_select, __NR_stat, __NR_lstat, __NR_access, __NR_readlink,
    __NR_getdents, __NR_time, __NR_getrlimit, __NR_arch_prctl,
#endif
};

/* Further calls of a subject that was given a writable folder. */
static const int writing_calls[] = {
    __NR_openat, __NR_ftruncate, __NR_fsync, __NR_fdatasync, __NR_mkdirat, __NR_unlinkat,
    __NR_renameat2, __NR_msync,
#ifdef __NR_renameat
    __NR_renameat,
#endif
#ifdef __x86_64__
    __NR_open, __NR_creat, __NR_mkdir, __NR_rmdir, __NR_unlink, __NR_rename,
#endif
};

/* Further calls of the emulator. */
static const int emulator_calls[] = {
    __NR_mmap, __NR_mprotect, __NR_rt_sigsuspend, __NR_rt_sigtimedwait, __NR_rt_sigpending,
    __NR_get_robust_list, __NR_membarrier, __NR_get_mempolicy, __NR_set_mempolicy,
};

struct filter {
    struct sock_filter code[1024];
    unsigned short length;
};

static void emit(struct filter *f, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
    f->code[f->length++] = (struct sock_filter){code, jt, jf, k};
}

static void answer(struct filter *f, int nr, uint32_t action)
{
    emit(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1);
    emit(f, BPF_RET | BPF_K, action, 0, 0);
}

static void allow_all(struct filter *f, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        answer(f, calls[i], SECCOMP_RET_ALLOW);
}

/* Allows `nr` if its 64-bit argument, masked, equals `value`; else later rules decide. */
static void allow_if(struct filter *f, int nr, unsigned argument, uint64_t mask, uint64_t value)
{
    uint32_t low = (uint32_t)(offsetof(struct seccomp_data, args) + 8 * argument);
    emit(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 8);
    emit(f, BPF_LD | BPF_W | BPF_ABS, low, 0, 0);
    emit(f, BPF_ALU | BPF_AND | BPF_K, (uint32_t)mask, 0, 0);
    emit(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)value, 0, 4);
    emit(f, BPF_LD | BPF_W | BPF_ABS, low + 4, 0, 0);
    emit(f, BPF_ALU | BPF_AND | BPF_K, (uint32_t)(mask >> 32), 0, 0);
    emit(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value >> 32), 0, 1);
    emit(f, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    emit(f, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
}

static void allow_int(struct filter *f, int nr, unsigned argument, uint32_t value)
{
    allow_if(f, nr, argument, UINT32_MAX, value);
}

/* Opening existing files for reading only. */
static void allow_reading(struct filter *f)
{
    const uint64_t writes = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);
    allow_if(f, __NR_openat, 2, writes, O_RDONLY);
#ifdef __NR_open
    allow_if(f, __NR_open, 1, writes, O_RDONLY);
#endif
}

/* Signals to itself only: abort() and raise(). */
static void allow_signals_to(struct filter *f, pid_t self)
{
    allow_int(f, __NR_kill, 0, (uint32_t)self);
    allow_int(f, __NR_tkill, 0, (uint32_t)self);
    allow_int(f, __NR_tgkill, 0, (uint32_t)self);
}

/* Messages on the control socket, for drivers that prefer them to read and write. */
static void allow_messages_on(struct filter *f, int descriptor)
{
    static const int calls[] = {__NR_sendto, __NR_recvfrom, __NR_sendmsg, __NR_recvmsg};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        allow_int(f, calls[i], 0, (uint32_t)descriptor);
}

static void allow_narrowed(struct filter *f)
{
    static const uint32_t fcntls[] = {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD, F_DUPFD_CLOEXEC,
                                      F_GETLK, F_SETLK, F_SETLKW};
    for (size_t i = 0; i < sizeof fcntls / sizeof *fcntls; i++)
        allow_int(f, __NR_fcntl, 1, fcntls[i]);
    /* a driver locks itself further: no new privileges, a second filter, no cycle counter */
    static const uint32_t prctls[] = {PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_SET_SECCOMP,
                                      PR_GET_SECCOMP, PR_SET_TSC, PR_SET_NAME, PR_GET_NAME};
    for (size_t i = 0; i < sizeof prctls / sizeof *prctls; i++)
        allow_int(f, __NR_prctl, 0, prctls[i]);
    allow_if(f, __NR_seccomp, 1, ~(uint64_t)SECCOMP_FILTER_FLAG_SPEC_ALLOW, 0);
    allow_int(f, __NR_ioctl, 1, TCGETS);
    allow_int(f, __NR_ioctl, 1, TIOCGWINSZ);
    allow_if(f, __NR_prlimit64, 2, UINT64_MAX, 0); /* reading limits, not setting them */
}

static void allow_emulator(struct filter *f)
{
    const uint64_t namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
    allow_all(f, emulator_calls, sizeof emulator_calls / sizeof *emulator_calls);
    allow_if(f, __NR_clone, 0, CLONE_THREAD | namespaces, CLONE_THREAD);
    /* flags of clone3 lie in memory, where no filter sees them; the C library then uses clone */
    answer(f, __NR_clone3, SECCOMP_RET_ERRNO | ENOSYS);
}

struct filter_request {
    int emulator;         /* profile: 0 subject, 1 emulator */
    int writes;           /* whether a writable folder was given */
    int control;          /* descriptor of the control socket */
    const char *path;     /* the very string that will be passed to execve */
};

/* Installs the filter in the calling process. Returns 0, or -1 with errno. */
static int install_filter(const struct filter_request *request)
{
    static struct filter f;
    emit(&f, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
    emit(&f, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_HERE, 1, 0);
    emit(&f, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
    emit(&f, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
    allow_all(&f, common_calls, sizeof common_calls / sizeof *common_calls);
    if (request->emulator) {
        allow_emulator(&f);
    } else {
        allow_if(&f, __NR_mmap, 2, PROT_EXEC, 0);
        allow_if(&f, __NR_mprotect, 2, PROT_EXEC, 0);
    }
    if (request->writes)
        allow_all(&f, writing_calls, sizeof writing_calls / sizeof *writing_calls);
    else
        allow_reading(&f);
    allow_signals_to(&f, getpid());
    allow_messages_on(&f, request->control);
    allow_narrowed(&f);
    /* only the launcher's own call: a subject that calls again stays behind this filter anyway */
    allow_if(&f, __NR_execve, 0, UINT64_MAX, (uint64_t)(uintptr_t)request->path);
    emit(&f, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
    struct sock_fprog program = {f.length, f.code};
    /* SPEC_ALLOW: before Linux 5.16 a filter would otherwise slow the subject's memory accesses */
    if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0)
        return 0;
    return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}
