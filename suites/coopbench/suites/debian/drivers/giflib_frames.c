/* Writes an animation as GIF into memory, reads it again and compares every pixel. */
#include "driver.h"
#include "gif_lib.h"

struct file {
    GifByteType *data;
    size_t length, room, at;
};

static int append(GifFileType *gif, const GifByteType *data, int size)
{
    struct file *f = gif->UserData;
    require(f->length + (size_t)size <= f->room, "room");
    memcpy(f->data + f->length, data, (size_t)size);
    f->length += (size_t)size;
    return size;
}

static int take(GifFileType *gif, GifByteType *data, int size)
{
    struct file *f = gif->UserData;
    size_t left = f->length - f->at, part = (size_t)size < left ? (size_t)size : left;
    memcpy(data, f->data + f->at, part);
    f->at += part;
    return (int)part;
}

static void paint(GifByteType *pixels, int side, struct stream *s)
{
    int shift = (int)below(s, 5), noise = 1 + (int)below(s, 30);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            pixels[y * side + x] = (GifByteType)(((x ^ y) >> shift) & 63);
    for (int i = 0; i < side * side / 100 * noise / 10; i++)
        pixels[below(s, (uint32_t)(side * side))] = (GifByteType)below(s, 64);
}

int main(int argc, char **argv)
{
    size_t count;
    struct stream s = begin(argc, argv, &count);
    int side = 128, error = 0, frames = count ? (int)count : 1;
    GifColorType colors[64];
    for (int i = 0; i < 64; i++)
        colors[i] = (GifColorType){(GifByteType)(4 * i), (GifByteType)next(&s), (GifByteType)next(&s)};
    size_t area = (size_t)side * (size_t)side;
    struct file f = {0, 0, (size_t)frames * (area * 2 + 2000) + 4000, 0};
    f.data = room(f.room);
    GifByteType *pixels = room(area * (size_t)frames);
    GifFileType *out = EGifOpen(&f, append, &error);
    ColorMapObject *map = GifMakeMapObject(64, colors);
    require(out && map, "opening");
    require(EGifPutScreenDesc(out, side, side, 6, 0, map) == GIF_OK, "screen");
    for (int i = 0; i < frames; i++) {
        GifByteType *frame = pixels + area * (size_t)i;
        paint(frame, side, &s);
        require(EGifPutImageDesc(out, 0, 0, side, side, 0, 0) == GIF_OK, "image");
        for (int y = 0; y < side; y++) {
            GifByteType line[128];
            memcpy(line, frame + y * side, sizeof line);
            require(EGifPutLine(out, line, side) == GIF_OK, "line");
        }
    }
    require(EGifCloseFile(out, &error) == GIF_OK, "closing");
    GifFileType *in = DGifOpen(&f, take, &error);
    require(in && DGifSlurp(in) == GIF_OK && in->ImageCount == frames, "reading");
    for (int i = 0; i < frames; i++)
        require(!memcmp(in->SavedImages[i].RasterBits, pixels + area * (size_t)i, area),
                "round trip");
    printf("%d %zu %016llx\n", frames, f.length, (unsigned long long)digest(DIGEST, f.data, f.length));
    return 0;
}
