/* Sixteen points at a time, each lane sixteen points ahead of its last. */
#include <stdint.h>

typedef uint32_t four __attribute__((vector_size(16)));

enum { LANES = 16 }; /* points at a time */

/* So many steps of the generator at once: state * MANY + ADD. */
#define MANY 666245249u
#define ADD 95141024u

static uint32_t step(uint32_t state)
{
    return state * 1664525u + 1013904223u;
}

uint32_t mc_hits(uint32_t seed, uint32_t limit, uint32_t n)
{
    four x[LANES / 4], y[LANES / 4], hits = {0, 0, 0, 0};
    uint32_t state = seed, i = 0;

    for (uint32_t k = 0; k < LANES; k++) {
        state = step(state);
        x[k / 4][k % 4] = state;
        state = step(state);
        y[k / 4][k % 4] = state;
    }
    for (; i + LANES <= n; i += LANES) {
        for (uint32_t v = 0; v < LANES / 4; v++) {
            four a = x[v] >> 17, b = y[v] >> 17;
            hits -= (four)(a * a + b * b < limit);
            x[v] = x[v] * MANY + ADD;
            y[v] = y[v] * MANY + ADD;
        }
    }
    uint32_t total = hits[0] + hits[1] + hits[2] + hits[3];
    for (uint32_t k = 0; i < n; i++, k++) {
        uint32_t a = x[k / 4][k % 4] >> 17, b = y[k / 4][k % 4] >> 17;
        total += a * a + b * b < limit;
    }
    return total;
}
