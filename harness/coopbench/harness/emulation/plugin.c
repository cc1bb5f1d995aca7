/* QEMU TCG plugin: counts the instructions a guest retires, and, if asked, where it retires them.

   usage: -plugin plugin.so,fd=N            count all instructions
          -plugin plugin.so,fd=N,blocks=M   also count the executions of every translation block

   QEMU's plugin header is not packaged by distributions, so the few functions of its API
   version 1 that are used here are declared below, as QEMU documents them.

   What is counted: on entry to every translation block, its number of instructions is added,
   by an addition that QEMU compiles into the block (no call, no lock). A block always runs
   to its end except when an instruction in it faults; the count is therefore exact for every
   program that takes no synchronous signal, and never too small. System calls end a block, so
   the count is exact whenever the guest is inside one. Measured on two programs with integer,
   floating-point and formatting code: 10 to 13 % more time than without the plugin; counting
   each instruction by itself gives the same numbers for 45 to 55 %. QEMU runs a repeated
   string instruction of x86-64 (rep movs) as a loop, so it counts once for each repetition.

   Where it is counted: in a page of a memory file that the parent process holds too. The
   parent reads it at any time, also of a subject that was killed, and there is no descriptor
   through which the guest could write a number of its own. The page lies at a random address
   because a guest can address all of the emulator's memory.

   Blocks: the file M holds a table of blocks by address and length (struct blocks below), which
   is filled when QEMU translates a block; a second addition compiled into the block counts its
   executions. A block that finds no room adds its instructions to `rest`, so that nothing is
   lost: rest and the sum of executions times length are always the same as the counter's value.
   QEMU cuts the guest's code into blocks as it likes, so it is the executions of each instruction
   that mean something, not the blocks.

   One virtual CPU: inline additions of several threads would race, so the second thread of a
   guest ends the process; the parent sees it in `vcpus`. */
#include <stddef.h>
#include <stdint.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
typedef struct {
    const char *target_name;
    struct { int min, cur; } version;
    _Bool system_emulation;
    union { struct { int smp_vcpus, max_vcpus; } system; };
} qemu_info_t;

void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, unsigned));
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t,
                                           void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, enum qemu_plugin_op, void *,
                                              uint64_t);

/* Of the C library in QEMU's own process. */
void *mmap(void *, size_t, int, int, int, long);
int close(int);
long getrandom(void *, size_t, unsigned);
_Noreturn void _exit(int);

enum { PAGE = 4096, PROT_RW = 3, MAP_SHARED = 1, THREAD_REFUSED = 120 };
enum { SLOTS = 1 << 16, PROBES = 64 };

/* Also described in counter.py. */
struct counter {
    uint64_t instructions;
    uint64_t vcpus;
};

/* Also described in blocks.py. */
struct blocks {
    uint64_t rest; /* instructions of blocks without a slot */
    uint64_t spare[2];
    struct block {
        uint64_t address;
        uint64_t length; /* instructions; 0 in a free slot */
        uint64_t executions;
    } slot[SLOTS];
};

static struct counter *counter;
static struct blocks *blocks;

static void on_vcpu(qemu_plugin_id_t id, unsigned index)
{
    (void)id;
    counter->vcpus = index + 1;
    if (index > 0)
        _exit(THREAD_REFUSED);
}

/* Returns the slot of a block, NULL if the table is full around its place. A block that is
   translated again (QEMU empties its cache now and then) gets the slot it had. */
static struct block *slot_of(uint64_t address, uint64_t length)
{
    uint64_t hash = (address ^ (length << 40)) * UINT64_C(0x9e3779b97f4a7c15);
    for (uint64_t i = 0; i < PROBES; i++) {
        struct block *b = &blocks->slot[((hash >> 48) + i) % SLOTS];
        if (b->length == 0) {
            b->address = address;
            b->length = length;
        }
        if (b->address == address && b->length == length)
            return b;
    }
    return NULL;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    uint64_t length = qemu_plugin_tb_n_insns(tb);
    qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &counter->instructions,
                                             length);
    if (blocks == NULL)
        return;
    struct block *b = slot_of(qemu_plugin_tb_vaddr(tb), length);
    qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64,
                                             b == NULL ? &blocks->rest : &b->executions,
                                             b == NULL ? length : 1);
}

/* Returns the number in an argument `name=N`, or -1. */
static int descriptor(const char *argument, const char *name)
{
    for (; *name; name++, argument++)
        if (*argument != *name)
            return -1;
    if (*argument++ != '=' || !*argument)
        return -1;
    int fd = 0;
    for (; *argument; argument++) {
        if (*argument < '0' || *argument > '9' || fd > 9999)
            return -1;
        fd = 10 * fd + (*argument - '0');
    }
    return fd;
}

/* Maps a memory file at a random address and closes it; NULL if that fails. */
static void *map(int fd, size_t bytes)
{
    uint64_t random = 0;
    if (fd < 0 || getrandom(&random, sizeof random, 0) != sizeof random)
        return NULL;
    /* 2^33 possible pages between 16 TiB and 48 TiB, which Linux leaves free on both hosts */
    void *hint = (void *)(uintptr_t)((UINT64_C(1) << 44) + (random >> 31) * PAGE);
    void *start = mmap(hint, bytes, PROT_RW, MAP_SHARED, fd, 0);
    return start == (void *)-1 || close(fd) != 0 ? NULL : start;
}

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id,
                                                               const qemu_info_t *info, int argc,
                                                               char **argv)
{
    (void)info;
    if (argc < 1 || argc > 2)
        return 1;
    counter = map(descriptor(argv[0], "fd"), PAGE);
    if (counter == NULL)
        return 1;
    if (argc == 2 && (blocks = map(descriptor(argv[1], "blocks"), sizeof *blocks)) == NULL)
        return 1;
    qemu_plugin_register_vcpu_init_cb(id, on_vcpu);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    return 0;
}
