/* Compresses text with Brotli at three qualities and expands it again. */
#include "driver.h"
#include <brotli/decode.h>
#include <brotli/encode.h>

int main(int argc, char **argv)
{
    static const int qualities[] = {1, 5, 9};
    size_t size, total = 0;
    struct stream s = begin(argc, argv, &size);
    uint8_t *text = room(size), *back = room(size);
    size_t bound = BrotliEncoderMaxCompressedSize(size) + 64;
    uint8_t *packed = room(bound);
    uint64_t h = DIGEST;
    make_text((char *)text, size, &s);
    for (int i = 0; i < 3; i++) {
        size_t length = bound, expanded = size;
        require(BrotliEncoderCompress(qualities[i], 20, BROTLI_MODE_TEXT, size, text, &length,
                                      packed),
                "compression");
        require(BrotliDecoderDecompress(length, packed, &expanded, back) ==
                        BROTLI_DECODER_RESULT_SUCCESS &&
                    expanded == size && !memcmp(text, back, size),
                "round trip");
        h = digest(h, packed, length);
        total += length;
    }
    printf("%zu %zu %016llx\n", size, total, (unsigned long long)h);
    return 0;
}
