/* An automaton over byte classes without branches inside a character. */
#include <stddef.h>
#include <stdint.h>

/* Classes: ASCII, three ranges of continuation bytes, and the kinds of first bytes. */
enum { ASCII, C80, C90, CA0, BAD, TWO, E0, THREE, ED, F0, FOUR, F4, CLASSES };
/* States: between characters, n continuation bytes to go, one after each special first byte. */
enum { START, ONE_LEFT, TWO_LEFT, THREE_LEFT, AFTER_E0, AFTER_ED, AFTER_F0, AFTER_F4, FAIL, STATES };

static uint8_t class_of(unsigned byte)
{
    if (byte < 0x80) return ASCII;
    if (byte < 0x90) return C80;
    if (byte < 0xA0) return C90;
    if (byte < 0xC0) return CA0;
    if (byte < 0xC2) return BAD;
    if (byte < 0xE0) return TWO;
    if (byte == 0xE0) return E0;
    if (byte == 0xED) return ED;
    if (byte < 0xF0) return THREE;
    if (byte == 0xF0) return F0;
    if (byte < 0xF4) return FOUR;
    return byte == 0xF4 ? F4 : BAD;
}

#define X FAIL
static const uint8_t next_state[STATES][CLASSES] = {
    [START] = {START, X, X, X, X, ONE_LEFT, AFTER_E0, TWO_LEFT, AFTER_ED, AFTER_F0, THREE_LEFT, AFTER_F4},
    [ONE_LEFT] = {X, START, START, START, X, X, X, X, X, X, X, X},
    [TWO_LEFT] = {X, ONE_LEFT, ONE_LEFT, ONE_LEFT, X, X, X, X, X, X, X, X},
    [THREE_LEFT] = {X, TWO_LEFT, TWO_LEFT, TWO_LEFT, X, X, X, X, X, X, X, X},
    [AFTER_E0] = {X, X, X, ONE_LEFT, X, X, X, X, X, X, X, X},
    [AFTER_ED] = {X, ONE_LEFT, ONE_LEFT, X, X, X, X, X, X, X, X, X},
    [AFTER_F0] = {X, X, TWO_LEFT, TWO_LEFT, X, X, X, X, X, X, X, X},
    [AFTER_F4] = {X, TWO_LEFT, X, X, X, X, X, X, X, X, X, X},
    [FAIL] = {X, X, X, X, X, X, X, X, X, X, X, X},
};
#undef X

static size_t last_start(const uint8_t *text, size_t at)
{
    while (at > 0 && (text[at] & 0xC0) == 0x80)
        at--;
    return at;
}

/* Each state is a shift into a row of 6-bit fields, so a step is one load and one shift. */
size_t utf8_check(const uint8_t *text, size_t n)
{
    uint64_t row[256];
    uint64_t of_class[CLASSES] = {0};
    uint64_t state = 6 * START;
    size_t at = 0;

    for (unsigned c = 0; c < CLASSES; c++)
        for (unsigned s = 0; s < STATES; s++)
            of_class[c] |= (uint64_t)(6 * next_state[s][c]) << (6 * s);
    for (unsigned byte = 0; byte < 256; byte++)
        row[byte] = of_class[class_of(byte)];

    while (n - at >= 16) {
        uint64_t before = state;
        for (size_t i = 0; i < 16; i++)
            state = row[text[at + i]] >> (state & 63);
        if ((state & 63) == 6 * FAIL) {
            state = before;
            break;
        }
        at += 16;
    }
    for (; at < n; at++) {
        uint64_t before = state & 63;
        state = row[text[at]] >> before;
        if ((state & 63) == 6 * FAIL)
            return before == 6 * START ? at : last_start(text, at - 1);
    }
    return (state & 63) == 6 * START ? n : last_start(text, n - 1);
}
