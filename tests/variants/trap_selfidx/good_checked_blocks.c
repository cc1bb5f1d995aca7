/* Blocks of eight in lanes where no index points at a block's earlier element; else in order. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t four __attribute__((vector_size(16)));

static uint32_t mix(uint32_t x)
{
    x ^= x >> 15;
    x *= 0x2C1B3C6Du;
    x ^= x >> 12;
    x *= 0x297A2D39u;
    x ^= x >> 15;
    return x;
}

static four mix4(four x)
{
    x ^= x >> 15;
    x *= 0x2C1B3C6Du;
    x ^= x >> 12;
    x *= 0x297A2D39u;
    x ^= x >> 15;
    return x;
}

static four load(const uint32_t *p)
{
    four x;
    memcpy(&x, p, sizeof x);
    return x;
}

void trap_selfidx(uint32_t *a, const uint32_t *source, size_t n)
{
    size_t i = 0;

    for (; i + 8 <= n; i += 8) {
        const uint32_t *s = source + i;
        four inside = (four)((load(s) - (uint32_t)i) < 8) | (four)((load(s + 4) - (uint32_t)i) < 8);
        uint64_t halves[2];
        memcpy(halves, &inside, sizeof halves);
        if ((halves[0] | halves[1]) != 0) {
            for (size_t k = i; k < i + 8; k++)
                a[k] += mix(a[source[k]]);
            continue;
        }
        four low = {a[s[0]], a[s[1]], a[s[2]], a[s[3]]};
        four high = {a[s[4]], a[s[5]], a[s[6]], a[s[7]]};
        low = load(a + i) + mix4(low);
        high = load(a + i + 4) + mix4(high);
        memcpy(a + i, &low, sizeof low);
        memcpy(a + i + 4, &high, sizeof high);
    }
    for (; i < n; i++)
        a[i] += mix(a[source[i]]);
}
