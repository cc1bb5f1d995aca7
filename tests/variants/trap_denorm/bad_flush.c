/* Wrong: flushes denormal numbers to zero. */
#include <float.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Lets n voices fade for a number of steps: in each step level[i] is multiplied by keep[i], rounded
 * to float. sounding[i] is the number of steps at whose beginning the level was not zero yet.
 */
void trap_denorm(float *level, const float *keep, size_t n, uint32_t steps, uint32_t *sounding)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t count = 0;
        for (uint32_t s = 0; s < steps && level[i] != 0.0f; s++) {
            level[i] *= keep[i];
            if (level[i] < FLT_MIN && level[i] > -FLT_MIN)
                level[i] = level[i] < 0.0f ? -0.0f : 0.0f;
            count++;
        }
        sounding[i] = count;
    }
}
