/* Runs 32 records in step: each instruction is decoded once, and lanes that skip it are masked out. */
#include <stddef.h>
#include <stdint.h>

enum { REGISTERS = 8, LANES = 32 };

enum operation {
    SET, ADD, SUB, MUL, DIV, MOD, AND, OR, XOR, SHL, SHR, ADD_IMMEDIATE, ROTATE,
    SKIP_EQUAL, SKIP_LESS, SKIP_BIT
};

#define FOR_LANES for (size_t k = 0; k < LANES; k++)

/* Adds `distance` to the instructions a lane has to skip where it runs and the condition holds. */
static void skip(uint32_t *wait, const uint32_t *holds, uint32_t distance)
{
    FOR_LANES wait[k] = wait[k] != 0 ? wait[k] - 1 : holds[k] ? distance : 0;
}

static void step(uint32_t instruction, uint32_t r[REGISTERS][LANES], uint32_t *wait)
{
    const uint32_t *a = r[(instruction >> 8) & 7];
    const uint32_t *b = r[(instruction >> 12) & 7];
    uint32_t immediate = instruction >> 16;
    uint32_t *d = r[(instruction >> 4) & 7];
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
        FOR_LANES x[k] = b[k] == 0 ? 0 : a[k] / b[k];
        break;
    case MOD:
        FOR_LANES x[k] = b[k] == 0 ? a[k] : a[k] % b[k];
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
        FOR_LANES x[k] = b[k] < 32 ? a[k] << b[k] : 0;
        break;
    case SHR:
        FOR_LANES x[k] = b[k] < 32 ? a[k] >> b[k] : 0;
        break;
    case ADD_IMMEDIATE:
        FOR_LANES x[k] = a[k] + immediate;
        break;
    case ROTATE:
        FOR_LANES x[k] = a[k] << (immediate & 31) | a[k] >> ((32 - immediate) & 31);
        break;
    case SKIP_EQUAL:
        FOR_LANES x[k] = a[k] == b[k];
        skip(wait, x, immediate & 7);
        return;
    case SKIP_LESS:
        FOR_LANES x[k] = a[k] < b[k];
        skip(wait, x, immediate & 7);
        return;
    case SKIP_BIT:
        FOR_LANES x[k] = a[k] >> ((immediate >> 3) & 31) & 1;
        skip(wait, x, immediate & 7);
        return;
    }
    FOR_LANES {
        d[k] = wait[k] != 0 ? d[k] : x[k];
        wait[k] -= wait[k] != 0;
    }
}

void vm_switch(const uint32_t *code, size_t length, const uint32_t *records, size_t count,
               uint32_t *verdicts)
{
    for (size_t i = 0; i < count; i += LANES) {
        size_t lanes = count - i < LANES ? count - i : LANES;
        uint32_t r[REGISTERS][LANES] = {{0}};
        uint32_t wait[LANES] = {0};
        for (size_t k = 0; k < lanes; k++) {
            for (size_t j = 0; j < REGISTERS; j++)
                r[j][k] = records[REGISTERS * (i + k) + j];
        }
        for (size_t pc = 0; pc < length; pc++)
            step(code[pc], r, wait);
        for (size_t k = 0; k < lanes; k++)
            verdicts[i + k] = r[0][k];
    }
}
