/* Encodes strings of digits, capitals and bytes as QR symbols of all error-correction levels. */
#include "driver.h"
#include "qrencode.h"

int main(int argc, char **argv)
{
    size_t count;
    struct stream s = begin(argc, argv, &count);
    uint64_t h = DIGEST;
    long dots = 0;
    for (size_t i = 0; i < count; i++) {
        char text[700];
        uint32_t kind = below(&s, 3), length = 1 + below(&s, 600);
        for (uint32_t j = 0; j < length; j++)
            text[j] = (char)(kind == 0   ? '0' + below(&s, 10)
                             : kind == 1 ? 'A' + below(&s, 26)
                                         : ' ' + below(&s, 95));
        text[length] = 0;
        QRcode *code = QRcode_encodeString(text, 0, (QRecLevel)(i & 3), QR_MODE_8, 1);
        require(code != 0, "encoding");
        require(code->width == 17 + 4 * code->version, "width");
        size_t area = (size_t)code->width * (size_t)code->width;
        for (size_t j = 0; j < area; j++)
            dots += code->data[j] & 1;
        h = digest(h, code->data, area);
        QRcode_free(code);
    }
    printf("%zu %ld %016llx\n", count, dots, (unsigned long long)h);
    return 0;
}
