/* Four vectors of partial sums, written by hand. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t four __attribute__((vector_size(16)));

void ctl_sumsq(const uint32_t *x, size_t n, const uint32_t *key, size_t keys, uint32_t *sums)
{
    for (size_t k = 0; k < keys; k++) {
        four p0 = {0}, p1 = {0}, p2 = {0}, p3 = {0};
        size_t i = 0;
        for (; i + 16 <= n; i += 16) {
            four v[4];
            memcpy(v, x + i, sizeof v);
            p0 += (v[0] ^ key[k]) * (v[0] ^ key[k]);
            p1 += (v[1] ^ key[k]) * (v[1] ^ key[k]);
            p2 += (v[2] ^ key[k]) * (v[2] ^ key[k]);
            p3 += (v[3] ^ key[k]) * (v[3] ^ key[k]);
        }
        four all = p0 + p1 + p2 + p3;
        uint32_t sum = all[0] + all[1] + all[2] + all[3];
        for (; i < n; i++)
            sum += (x[i] ^ key[k]) * (x[i] ^ key[k]);
        sums[k] = sum;
    }
}
