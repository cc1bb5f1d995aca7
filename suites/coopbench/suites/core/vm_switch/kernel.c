#include <stddef.h>
#include <stdint.h>

enum { REGISTERS = 8 };

enum operation {
    SET, ADD, SUB, MUL, DIV, MOD, AND, OR, XOR, SHL, SHR, ADD_IMMEDIATE, ROTATE,
    SKIP_EQUAL, SKIP_LESS, SKIP_BIT
};

/* Runs the program once on registers r. */
static void run(const uint32_t *code, size_t length, uint32_t *r)
{
    for (size_t pc = 0; pc < length; pc++) {
        uint32_t instruction = code[pc];
        uint32_t a = r[(instruction >> 8) & 7];
        uint32_t b = r[(instruction >> 12) & 7];
        uint32_t immediate = instruction >> 16;
        uint32_t *d = &r[(instruction >> 4) & 7];

        switch ((enum operation)(instruction & 15)) {
        case SET:
            *d = immediate;
            break;
        case ADD:
            *d = a + b;
            break;
        case SUB:
            *d = a - b;
            break;
        case MUL:
            *d = a * b;
            break;
        case DIV:
            *d = b == 0 ? 0 : a / b;
            break;
        case MOD:
            *d = b == 0 ? a : a % b;
            break;
        case AND:
            *d = a & b;
            break;
        case OR:
            *d = a | b;
            break;
        case XOR:
            *d = a ^ b;
            break;
        case SHL:
            *d = b < 32 ? a << b : 0;
            break;
        case SHR:
            *d = b < 32 ? a >> b : 0;
            break;
        case ADD_IMMEDIATE:
            *d = a + immediate;
            break;
        case ROTATE:
            *d = a << (immediate & 31) | a >> ((32 - immediate) & 31);
            break;
        case SKIP_EQUAL:
            if (a == b)
                pc += immediate & 7;
            break;
        case SKIP_LESS:
            if (a < b)
                pc += immediate & 7;
            break;
        case SKIP_BIT:
            if (a >> ((immediate >> 3) & 31) & 1)
                pc += immediate & 7;
            break;
        }
    }
}

/*
 * Runs a filter program on each of `count` records and puts what it leaves in register 0 into
 * verdicts. The eight words of a record are the registers at the start. An instruction has four
 * bits for the operation, fields of four bits for the registers d, a and b (of which the upper bit
 * is ignored), and an immediate value of 16 bits. A skip goes over 0 to 7 instructions, forward;
 * the program ends behind its last instruction. Quotients by zero are 0, remainders by zero the
 * dividend, shifts by 32 or more give 0.
 */
void vm_switch(const uint32_t *code, size_t length, const uint32_t *records, size_t count,
               uint32_t *verdicts)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t r[REGISTERS];
        for (size_t k = 0; k < REGISTERS; k++)
            r[k] = records[REGISTERS * i + k];
        run(code, length, r);
        verdicts[i] = r[0];
    }
}
