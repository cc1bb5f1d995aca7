/* Drops instructions without influence on register 0, then runs 32 records in step. */
#include <stddef.h>
#include <stdint.h>

enum { REGISTERS = 8, LANES = 32 };

enum operation {
    SET, ADD, SUB, MUL, DIV, MOD, AND, OR, XOR, SHL, SHR, ADD_IMMEDIATE, ROTATE,
    SKIP_EQUAL, SKIP_LESS, SKIP_BIT
};

#define FOR_LANES for (size_t k = 0; k < LANES; k++)

/* A block of records: their registers, and the instruction from which each one runs again. */
struct block {
    uint32_t r[REGISTERS][LANES];
    uint32_t resume[LANES];
    uint32_t last_resume;
};

/* The exact quotient: 53 bits hold any quotient of 32 bits apart from the next integer. */
static uint32_t quotient(uint32_t a, uint32_t b)
{
    return b == 0 ? 0 : (uint32_t)((double)a / (double)b);
}

static uint8_t bit(uint32_t instruction, unsigned at)
{
    return (uint8_t)(1u << ((instruction >> at) & 7));
}

/* Returns which registers matter before an instruction, from those that matter after it. */
static uint8_t live_before(uint32_t instruction, const uint8_t *after)
{
    uint32_t operation = instruction & 15;
    uint32_t distance = (instruction >> 16) & 7;

    if (operation >= SKIP_EQUAL) {
        if (distance == 0)
            return after[0];
        uint8_t used = bit(instruction, 8);
        if (operation != SKIP_BIT)
            used |= bit(instruction, 12);
        return (uint8_t)(after[0] | after[distance] | used);
    }
    uint8_t d = bit(instruction, 4);
    if ((after[0] & d) == 0)
        return after[0];
    uint8_t used = operation == SET ? 0 : bit(instruction, 8);
    if (operation != SET && operation != ADD_IMMEDIATE && operation != ROTATE)
        used |= bit(instruction, 12);
    return (uint8_t)((after[0] & ~d) | used);
}

static void skip(struct block *s, const uint32_t *holds, uint32_t pc, uint32_t target)
{
    uint32_t any = 0;

    FOR_LANES {
        uint32_t taken = s->resume[k] <= pc ? holds[k] : 0;
        any |= taken;
        s->resume[k] = taken ? target : s->resume[k];
    }
    if (any && target > s->last_resume)
        s->last_resume = target;
}

static void step(struct block *s, uint32_t instruction, uint32_t pc)
{
    const uint32_t *a = s->r[(instruction >> 8) & 7];
    const uint32_t *b = s->r[(instruction >> 12) & 7];
    uint32_t *d = s->r[(instruction >> 4) & 7];
    uint32_t immediate = instruction >> 16;
    uint32_t target = pc + 1 + (immediate & 7);
    uint32_t x[LANES];

    switch ((enum operation)(instruction & 15)) {
    case SET:
        FOR_LANES x[k] = immediate;
        break;
    case ADD:
        FOR_LANES x[k] = a[k] + b[k];
        break;
    case SUB:
        FOR_LANES x[k] = a[k] - b[k];
        break;
    case MUL:
        FOR_LANES x[k] = a[k] * b[k];
        break;
    case DIV:
        FOR_LANES x[k] = quotient(a[k], b[k]);
        break;
    case MOD:
        FOR_LANES x[k] = a[k] - b[k] * quotient(a[k], b[k]);
        break;
    case AND:
        FOR_LANES x[k] = a[k] & b[k];
        break;
    case OR:
        FOR_LANES x[k] = a[k] | b[k];
        break;
    case XOR:
        FOR_LANES x[k] = a[k] ^ b[k];
        break;
    case SHL:
        FOR_LANES x[k] = b[k] < 32 ? a[k] << (b[k] & 31) : 0;
        break;
    case SHR:
        FOR_LANES x[k] = b[k] < 32 ? a[k] >> (b[k] & 31) : 0;
        break;
    case ADD_IMMEDIATE:
        FOR_LANES x[k] = a[k] + immediate;
        break;
    case ROTATE:
        FOR_LANES x[k] = a[k] << (immediate & 31) | a[k] >> ((32 - immediate) & 31);
        break;
    case SKIP_EQUAL:
        FOR_LANES x[k] = a[k] == b[k];
        skip(s, x, pc, target);
        return;
    case SKIP_LESS:
        FOR_LANES x[k] = a[k] < b[k];
        skip(s, x, pc, target);
        return;
    case SKIP_BIT:
        FOR_LANES x[k] = a[k] >> ((immediate >> 3) & 31) & 1;
        skip(s, x, pc, target);
        return;
    }
    if (s->last_resume <= pc) {
        FOR_LANES d[k] = x[k];
    } else {
        FOR_LANES d[k] = s->resume[k] <= pc ? x[k] : d[k];
    }
}

/* Runs the instructions at the `kept` places of code on up to LANES records. */
static void run(const uint32_t *code, const uint16_t *places, size_t kept, const uint32_t *records,
                size_t lanes, uint32_t *verdicts)
{
    struct block s = {{{0}}, {0}, 0};

    for (size_t k = 0; k < lanes; k++) {
        for (size_t j = 0; j < REGISTERS; j++)
            s.r[j][k] = records[REGISTERS * k + j];
    }
    for (size_t i = 0; i < kept; i++)
        step(&s, code[places[i]], places[i]);
    for (size_t k = 0; k < lanes; k++)
        verdicts[k] = s.r[0][k];
}

/* Runs a program that is too long for the tables, one record at a time. */
static uint32_t run_long(const uint32_t *code, size_t length, const uint32_t *record)
{
    struct block s = {{{0}}, {0}, 0};

    for (size_t j = 0; j < REGISTERS; j++)
        s.r[j][0] = record[j];
    for (size_t base = 0; base < length; base += 1u << 30) {
        size_t stop = length - base < 1u << 30 ? length - base : 1u << 30;
        for (size_t pc = 0; pc < stop; pc++)
            step(&s, code[base + pc], (uint32_t)pc);
        s.resume[0] = s.resume[0] > stop ? s.resume[0] - (uint32_t)stop : 0;
        s.last_resume = s.resume[0];
    }
    return s.r[0][0];
}

void vm_switch(const uint32_t *code, size_t length, const uint32_t *records, size_t count,
               uint32_t *verdicts)
{
    enum { LONGEST = 4096 };
    uint8_t live[LONGEST + 8];
    uint16_t places[LONGEST];
    size_t kept = 0;

    if (length > LONGEST) {
        for (size_t i = 0; i < count; i++)
            verdicts[i] = run_long(code, length, records + REGISTERS * i);
        return;
    }
    for (size_t i = 0; i < 8; i++)
        live[length + i] = 1;
    for (size_t pc = length; pc > 0; pc--)
        live[pc - 1] = live_before(code[pc - 1], live + pc);
    for (size_t pc = 0; pc < length; pc++) {
        uint32_t operation = code[pc] & 15;
        if (operation >= SKIP_EQUAL ? (code[pc] >> 16 & 7) != 0
                                    : (live[pc + 1] & bit(code[pc], 4)) != 0)
            places[kept++] = (uint16_t)pc;
    }
    for (size_t i = 0; i < count; i += LANES) {
        size_t lanes = count - i < LANES ? count - i : LANES;
        run(code, places, kept, records + REGISTERS * i, lanes, verdicts + i);
    }
}
