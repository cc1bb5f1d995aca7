/* Wrong: a channel begins where the last one ended. */
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

/*
 * Decodes n bytes of each channel to 2 * n samples of 16 bits; the channels lie one after the other
 * in codes and in samples. A byte holds two codes, the lower one first. Bit 3 of a code is the sign
 * of a difference; bits 2, 1 and 0 add the step size, its half and its quarter to an eighth of it,
 * each rounded down. Sample and index of the step size begin at 0 and stay within their bounds.
 */
void adpcm_dec(const uint8_t *codes, size_t channels, size_t n, int16_t *samples)
{
    int sample = 0;
    int index = 0;

    for (size_t c = 0; c < channels; c++) {
        for (size_t i = 0; i < 2 * n; i++) {
            int code = codes[c * n + i / 2] >> 4 * (i % 2) & 15;
            int step = step_of[index];
            int difference = step >> 3;
            if (code & 4)
                difference += step;
            if (code & 2)
                difference += step >> 1;
            if (code & 1)
                difference += step >> 2;
            if (code & 8)
                sample -= difference;
            else
                sample += difference;
            if (sample > 32767)
                sample = 32767;
            if (sample < -32768)
                sample = -32768;
            index += change_of[code & 7];
            if (index < 0)
                index = 0;
            if (index > 88)
                index = 88;
            samples[2 * c * n + i] = (int16_t)sample;
        }
    }
}
