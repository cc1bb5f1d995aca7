/* Kernel drivers, honest and hostile, for the tests of sessions: argument 1 names which.
   Descriptor 3 is the control socket, descriptor 4 the arena. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static volatile uint64_t sink;

static void work(uint64_t turns)
{
    for (uint64_t i = 0; i < turns; i++)
        sink += i;
}

static void say(char c)
{
    if (write(3, &c, 1) != 1)
        _exit(41);
}

static char hear(void)
{
    char c = 0;
    return read(3, &c, 1) == 1 ? c : 0;
}

static void nap(long milliseconds)
{
    nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}, NULL);
}

/* Adds one to every 64-bit word of the arena in every window; the argument is how much to work. */
static int honest(uint64_t before, uint64_t inside, uint64_t after)
{
    uint64_t *arena = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 4, 0);
    if (arena == MAP_FAILED)
        return 42;
    work(before);
    say('R');
    while (hear() == 'G') {
        for (int i = 0; i < 512; i++)
            arena[i]++;
        work(inside);
        say('D');
    }
    work(after);
    return 0;
}

static int early_done(void)
{
    say('R');
    hear();
    say('D');
    work(20000000);
    return hear() == 'X' ? 0 : 43;
}

static int impatient(void)
{
    say('R');
    say('D');
    hear();
    nap(3600000);
    return 0;
}

static int says(const char *packet, size_t bytes, int instead_of_ready)
{
    if (!instead_of_ready) {
        say('R');
        hear();
    }
    if (send(3, packet, bytes, 0) < 0)
        return 44;
    hear();
    return 0;
}

static int says_twice(void)
{
    say('R');
    hear();
    say('D');
    say('D');
    hear();
    return 0;
}

/* Attaches credentials of another process (argument), or of none if refused. */
static int forge(pid_t pid)
{
    struct ucred forged = {pid, getuid(), getgid()};
    char c = 'R', space[CMSG_SPACE(sizeof forged)] = {0};
    struct iovec data = {&c, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = space,
                             .msg_controllen = sizeof space};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_CREDENTIALS;
    header->cmsg_len = CMSG_LEN(sizeof forged);
    memcpy(CMSG_DATA(header), &forged, sizeof forged);
    if (sendmsg(3, &message, 0) < 0)
        return errno == EPERM ? 45 : 46;
    hear();
    return 0;
}

/* Attaches descriptors, which must not appear in the parent. */
static int attach(void)
{
    int fds[4] = {1, 1, 1, 1};
    char c = 'R', space[CMSG_SPACE(sizeof fds)] = {0};
    struct iovec data = {&c, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = space,
                             .msg_controllen = sizeof space};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fds);
    memcpy(CMSG_DATA(header), fds, sizeof fds);
    if (sendmsg(3, &message, 0) < 0)
        return 47;
    while (hear() == 'G')
        say('D');
    return 0;
}

static int flood(void)
{
    static char block[65536];
    say('R');
    hear();
    for (;;)
        if (write(1, block, sizeof block) < 0)
            return 48;
}

static int in_window(const char *what)
{
    say('R');
    hear();
    if (strcmp(what, "exit") == 0)
        exit(0);
    if (strcmp(what, "crash") == 0)
        raise(SIGSEGV);
    if (strcmp(what, "spin") == 0)
        work(UINT64_MAX);
    if (strcmp(what, "hang") == 0)
        nap(3600000);
    if (strcmp(what, "close") == 0) {
        close(3);
        nap(3600000);
    }
    return 49;
}

static int after_window(const char *what)
{
    say('R');
    hear();
    say('D');
    hear();
    if (strcmp(what, "stay") == 0)
        nap(3600000);
    return 7;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    const char *how = argc > 2 ? argv[2] : "";
    if (strcmp(what, "honest") == 0)
        return honest(strtoull(argv[2], 0, 10), strtoull(argv[3], 0, 10), strtoull(argv[4], 0, 10));
    if (strcmp(what, "early_done") == 0)
        return early_done();
    if (strcmp(what, "impatient") == 0)
        return impatient();
    if (strcmp(what, "garbage_ready") == 0)
        return says("?", 1, 1);
    if (strcmp(what, "garbage_done") == 0)
        return says("?", 1, 0);
    if (strcmp(what, "long_done") == 0)
        return says("DDDDDDDD", 8, 0);
    if (strcmp(what, "empty_done") == 0)
        return says("", 0, 0);
    if (strcmp(what, "says_twice") == 0)
        return says_twice();
    if (strcmp(what, "forge") == 0)
        return forge(atoi(how));
    if (strcmp(what, "attach") == 0)
        return attach();
    if (strcmp(what, "flood") == 0)
        return flood();
    if (strcmp(what, "in_window") == 0)
        return in_window(how);
    if (strcmp(what, "after_window") == 0)
        return after_window(how);
    return 99;
}
