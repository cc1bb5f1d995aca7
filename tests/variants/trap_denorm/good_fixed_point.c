/* Keeps the level in a register, and stops where a multiplication no longer changes it. */
#include <stddef.h>
#include <stdint.h>

void trap_denorm(float *level, const float *keep, size_t n, uint32_t steps, uint32_t *sounding)
{
    for (size_t i = 0; i < n; i++) {
        float now = level[i], factor = keep[i];
        uint32_t s = 0;
        while (s < steps && now != 0.0f) {
            float next = now * factor;
            if (next == now) {
                s = steps;
                break;
            }
            now = next;
            s++;
        }
        level[i] = now;
        sounding[i] = s;
    }
}
