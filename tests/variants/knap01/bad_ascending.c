/* Wrong: upwards, which compilers like better, an item is taken again and again. */
#include <stddef.h>
#include <stdint.h>

uint32_t knap01(const uint32_t *weight, const uint32_t *value, size_t n, size_t capacity,
                uint32_t *best)
{
    for (size_t room = 0; room <= capacity; room++)
        best[room] = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t room = weight[i]; room <= capacity; room++) {
            uint32_t taken = best[room - weight[i]] + value[i];
            best[room] = taken > best[room] ? taken : best[room];
        }
    }
    return best[capacity];
}
