/* Hashes blocks of all lengths and alignments; streams must agree with whole blocks. */
#include "driver.h"
#include "xxhash.h"

static uint64_t streamed(const char *data, size_t size, uint64_t seed, struct stream *s)
{
    XXH3_state_t *state = XXH3_createState();
    require(state != 0, "state");
    XXH3_64bits_reset_withSeed(state, seed);
    for (size_t at = 0; at < size;) {
        size_t part = 1 + below(s, 3000);
        if (part > size - at)
            part = size - at;
        XXH3_64bits_update(state, data + at, part);
        at += part;
    }
    uint64_t h = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return h;
}

int main(int argc, char **argv)
{
    size_t size;
    struct stream s = begin(argc, argv, &size);
    char *text = room(size);
    uint64_t h = DIGEST;
    make_text(text, size, &s);
    for (size_t at = 0, round = 0; at < size; round++) {
        size_t length = below(&s, round % 3 ? 300 : 40000);
        if (length > size - at)
            length = size - at;
        uint64_t seed = next(&s);
        uint64_t parts[5] = {XXH32(text + at, length, (XXH32_hash_t)seed),
                             XXH64(text + at, length, seed),
                             XXH3_64bits_withSeed(text + at, length, seed)};
        XXH128_hash_t wide = XXH3_128bits_withSeed(text + at, length, seed);
        parts[3] = wide.low64;
        parts[4] = wide.high64;
        require(streamed(text + at, length, seed, &s) == parts[2], "stream");
        h = digest(h, parts, sizeof parts);
        at += length + 1;
    }
    printf("%zu %016llx\n", size, (unsigned long long)h);
    return 0;
}
