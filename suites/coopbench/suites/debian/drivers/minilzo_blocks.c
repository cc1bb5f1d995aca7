/* Compresses blocks with LZO1X-1 and expands them again. */
#include "driver.h"
#include "minilzo.h"

#define BLOCK 65536

int main(int argc, char **argv)
{
    static unsigned char packed[BLOCK + BLOCK / 16 + 64 + 3], back[BLOCK];
    static lzo_align_t work[(LZO1X_1_MEM_COMPRESS + sizeof(lzo_align_t) - 1) / sizeof(lzo_align_t)];
    size_t size, total = 0;
    struct stream s = begin(argc, argv, &size);
    unsigned char *text = room(size);
    uint64_t h = DIGEST;
    require(lzo_init() == LZO_E_OK, "start");
    make_text((char *)text, size, &s);
    for (size_t at = 0; at < size; at += BLOCK) {
        lzo_uint part = size - at < BLOCK ? size - at : BLOCK, length, expanded = BLOCK;
        require(lzo1x_1_compress(text + at, part, packed, &length, work) == LZO_E_OK,
                "compression");
        require(lzo1x_decompress_safe(packed, length, back, &expanded, 0) == LZO_E_OK &&
                    expanded == part && !memcmp(text + at, back, part),
                "round trip");
        h = digest(h, packed, length);
        total += length;
    }
    printf("%zu %zu %016llx\n", size, total, (unsigned long long)h);
    return 0;
}
