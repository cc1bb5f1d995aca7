/* Compresses blocks of text with LZ4, fast and faster, and expands them again. */
#include "driver.h"
#include "lz4.h"

int main(int argc, char **argv)
{
    size_t size;
    struct stream s = begin(argc, argv, &size);
    char *text = room(size), *back = room(size);
    int bound = LZ4_compressBound((int)size);
    char *packed = room((size_t)bound);
    uint64_t h = DIGEST;
    long total = 0;
    make_text(text, size, &s);
    for (int acceleration = 1; acceleration <= 9; acceleration += 4) {
        int length = LZ4_compress_fast(text, packed, (int)size, bound, acceleration);
        require(length > 0, "compression");
        int expanded = LZ4_decompress_safe(packed, back, length, (int)size);
        require(expanded == (int)size && !memcmp(text, back, size), "round trip");
        h = digest(h, packed, (size_t)length);
        total += length;
    }
    printf("%zu %ld %016llx\n", size, total, (unsigned long long)h);
    return 0;
}
