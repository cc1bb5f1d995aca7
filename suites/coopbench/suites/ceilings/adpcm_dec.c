/* One table of differences and successors, and four channels side by side. */
#include <stddef.h>
#include <stdint.h>

/* Sizes of a step, each about a tenth larger than the last. */
static const int16_t step_of[89] = {
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21,
    23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
    73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209,
    230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658,
    724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066,
    2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484,
    7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350,
    22385, 24623, 27086, 29794, 32767,
};

/* How the index of the step size changes, by the lower three bits of a code. */
static const int8_t change_of[8] = {-1, -1, -1, -1, 2, 4, 6, 8};

/* What a code does at an index of the step size. */
struct effect {
    int32_t difference;
    int32_t next; /* first effect at the next index */
};

static void tabulate(struct effect *effects)
{
    for (int index = 0; index < 89; index++) {
        for (int code = 0; code < 16; code++) {
            int step = step_of[index], next = index + change_of[code & 7];
            int difference = (step >> 3) + (code & 4 ? step : 0) + (code & 2 ? step >> 1 : 0) +
                             (code & 1 ? step >> 2 : 0);
            next = next < 0 ? 0 : next > 88 ? 88 : next;
            effects[16 * index + code] = (struct effect){code & 8 ? -difference : difference, 16 * next};
        }
    }
}

static int clamped(int sample)
{
    sample = sample > 32767 ? 32767 : sample;
    return sample < -32768 ? -32768 : sample;
}

static void one_channel(const struct effect *effects, const uint8_t *codes, size_t n, int16_t *samples)
{
    int sample = 0, index = 0;

    for (size_t i = 0; i < n; i++) {
        const struct effect *low = &effects[index + (codes[i] & 15)];
        const struct effect *high = &effects[low->next + (codes[i] >> 4)];
        index = high->next;
        sample = clamped(sample + low->difference);
        samples[2 * i] = (int16_t)sample;
        sample = clamped(sample + high->difference);
        samples[2 * i + 1] = (int16_t)sample;
    }
}

/* Four channels side by side: their chains overlap. */
static void four_channels(const struct effect *effects, const uint8_t *codes, size_t n, int16_t *samples)
{
    int sample[4] = {0, 0, 0, 0}, index[4] = {0, 0, 0, 0};

    for (size_t i = 0; i < n; i++) {
#pragma GCC unroll 4
        for (size_t c = 0; c < 4; c++) {
            uint8_t pair = codes[c * n + i];
            const struct effect *low = &effects[index[c] + (pair & 15)];
            const struct effect *high = &effects[low->next + (pair >> 4)];
            index[c] = high->next;
            sample[c] = clamped(sample[c] + low->difference);
            samples[2 * (c * n + i)] = (int16_t)sample[c];
            sample[c] = clamped(sample[c] + high->difference);
            samples[2 * (c * n + i) + 1] = (int16_t)sample[c];
        }
    }
}

void adpcm_dec(const uint8_t *codes, size_t channels, size_t n, int16_t *samples)
{
    struct effect effects[89 * 16];
    size_t c = 0;

    if (channels == 0 || n == 0)
        return;
    tabulate(effects);
    for (; c + 4 <= channels; c += 4)
        four_channels(effects, codes + c * n, n, samples + 2 * c * n);
    for (; c < channels; c++)
        one_channel(effects, codes + c * n, n, samples + 2 * c * n);
}
