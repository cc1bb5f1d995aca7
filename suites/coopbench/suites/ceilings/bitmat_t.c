/* Masked swaps between rows in vectors of two, the last round within a vector's lanes by hand. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t pair __attribute__((vector_size(16)));

/* Exchanges the upper bits of a with the lower ones of b, squares of so many bits. */
#define SWAP(a, b, width, mask)                                                                    \
    do {                                                                                           \
        pair change = ((a) >> (width) ^ (b)) & (mask);                                             \
        (a) ^= change << (width);                                                                  \
        (b) ^= change;                                                                             \
    } while (0)

/* Three rounds over eight vectors in registers: distances 4, 2 and 1 between them. */
#define ROUNDS(v, w, m4, m2, m1)                                                                   \
    do {                                                                                           \
        for (int i = 0; i < 4; i++)                                                                \
            SWAP((v)[i], (v)[i + 4], 4 * (w), m4);                                                 \
        for (int i = 0; i < 8; i += 4) {                                                           \
            SWAP((v)[i], (v)[i + 2], 2 * (w), m2);                                                 \
            SWAP((v)[i + 1], (v)[i + 3], 2 * (w), m2);                                             \
        }                                                                                          \
        for (int i = 0; i < 8; i += 2)                                                             \
            SWAP((v)[i], (v)[i + 1], (w), m1);                                                     \
    } while (0)

void bitmat_t(const uint64_t *in, size_t n, uint64_t *out)
{
    for (size_t m = 0; m < n; m++) {
        const uint64_t *from = in + 64 * m;
        uint64_t *to = out + 64 * m;
        pair half[32];

        /* Rows r, r + 1 in a vector; rows 8 apart meet here: squares of 32, 16 and 8 bits. */
        for (size_t k = 0; k < 4; k++) {
            pair v[8];
            for (size_t i = 0; i < 8; i++)
                memcpy(&v[i], from + 8 * i + 2 * k, sizeof v[i]);
            ROUNDS(v, 8, 0x00000000FFFFFFFFu, 0x0000FFFF0000FFFFu, 0x00FF00FF00FF00FFu);
            for (size_t i = 0; i < 8; i++)
                half[4 * i + k] = v[i];
        }
        /* Rows r and r + 8 in a vector, turned by unpacking; squares of 4, 2 and 1 bits. */
        for (size_t k = 0; k < 4; k++) {
            pair v[8];
            for (size_t i = 0; i < 4; i++) {
                pair a = half[8 * k + i], b = half[8 * k + 4 + i];
                v[2 * i] = (pair){a[0], b[0]};
                v[2 * i + 1] = (pair){a[1], b[1]};
            }
            ROUNDS(v, 1, 0x0F0F0F0F0F0F0F0Fu, 0x3333333333333333u, 0x5555555555555555u);
            for (size_t i = 0; i < 4; i++) {
                pair low = {v[2 * i][0], v[2 * i + 1][0]}, high = {v[2 * i][1], v[2 * i + 1][1]};
                memcpy(to + 16 * k + 2 * i, &low, sizeof low);
                memcpy(to + 16 * k + 8 + 2 * i, &high, sizeof high);
            }
        }
    }
}
