/* Resamples a speech-like signal between rates at several qualities. */
#include "driver.h"
#include "speex/speex_resampler.h"

int main(int argc, char **argv)
{
    static const spx_uint32_t rates[][2] = {{8000, 16000}, {44100, 48000}, {48000, 8000}, {16000, 11025}};
    size_t size;
    struct stream s = begin(argc, argv, &size);
    spx_int16_t *in = room(size * sizeof *in), *out = room((size * 3 + 64) * sizeof *out);
    uint64_t h = DIGEST;
    long made_total = 0;
    int32_t level = 0, speed = 0;
    for (size_t i = 0; i < size; i++) {
        speed += (int32_t)below(&s, 401) - 200 - speed / 16 - level / 64;
        level += speed;
        if (level > 32000 || level < -32000) {
            level = level > 0 ? 32000 : -32000;
            speed = 0;
        }
        in[i] = (spx_int16_t)level;
    }
    for (int i = 0; i < 4; i++) {
        int error = 0;
        SpeexResamplerState *state =
            speex_resampler_init(1, rates[i][0], rates[i][1], 2 + 2 * i, &error);
        require(state && !error, "start");
        for (size_t at = 0; at < size;) {
            spx_uint32_t taken = (spx_uint32_t)(size - at < 960 ? size - at : 960);
            spx_uint32_t made = 3 * taken + 32;
            require(!speex_resampler_process_int(state, 0, in + at, &taken, out, &made), "resampling");
            require(taken > 0, "progress");
            h = digest(h, out, made * sizeof *out);
            made_total += made;
            at += taken;
        }
        speex_resampler_destroy(state);
    }
    printf("%zu %ld %016llx\n", size, made_total, (unsigned long long)h);
    return 0;
}
