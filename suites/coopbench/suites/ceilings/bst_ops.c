/*
 * Expert version: no tree is searched. The keys are sorted by radix together with the numbers of
 * their first occurrences; the tree is the Cartesian tree of these numbers over the sorted keys,
 * which a stack builds in linear time (Vuillemin 1980).
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 11, DIGITS = 1 << BITS };

struct item {
    uint32_t key;
    uint32_t when;
};

struct node {
    uint32_t left; /* 0: none */
    uint32_t right;
    uint32_t key;
    uint32_t times;
};

/* Sorts by key, stably, and returns which of the two arrays holds the result. */
static struct item *sorted(struct item *from, struct item *to, size_t n, uint32_t most)
{
    for (unsigned shift = 0; shift < 32 && most >> shift > 0; shift += BITS) {
        uint32_t start[DIGITS] = {0};
        uint32_t sum = 0;
        for (size_t i = 0; i < n; i++)
            start[from[i].key >> shift & (DIGITS - 1)]++;
        for (size_t digit = 0; digit < DIGITS; digit++) {
            uint32_t count = start[digit];
            start[digit] = sum;
            sum += count;
        }
        for (size_t i = 0; i < n; i++)
            to[start[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
        struct item *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

/* Links the distinct keys to a tree, the first occurrence on top; returns their number. */
static uint32_t build(const struct item *item, size_t n, struct node *node, uint32_t *when,
                      uint32_t *spine)
{
    uint32_t count = 0;
    size_t depth = 0; /* of the path of right children from the root */

    spine[0] = 0;
    when[0] = 0;
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && item[end].key == item[i].key)
            end++;
        uint32_t below = 0;
        while (depth > 0 && when[spine[depth]] > item[i].when)
            below = spine[depth--];
        count++;
        node[count] = (struct node){below, 0, item[i].key, (uint32_t)(end - i)};
        when[count] = item[i].when;
        node[spine[depth]].right = count; /* node 0 stands above the root */
        spine[++depth] = count;
        i = end;
    }
    return count;
}

static void list(const struct node *node, uint32_t *stack, uint32_t *order, uint32_t *times)
{
    size_t depth = 0;
    uint32_t at = node[0].right;

    for (;;) {
        while (at != 0) {
            *order++ = node[at].key;
            *times++ = node[at].times;
            if (node[at].right != 0)
                stack[depth++] = node[at].right;
            at = node[at].left;
        }
        if (depth == 0)
            return;
        at = stack[--depth];
    }
}

size_t bst_ops(const uint32_t *key, size_t n, uint32_t *order, uint32_t *times)
{
    if (n == 0)
        return 0;
    size_t bytes = 2 * n * sizeof(struct item) + (n + 1) * (sizeof(struct node) + 8);
    char *block = malloc(bytes);
    if (block == NULL)
        abort();
    struct item *item = (struct item *)block;
    struct node *node = (struct node *)(item + 2 * n);
    uint32_t *when = (uint32_t *)(node + n + 1);
    uint32_t *spine = when + n + 1;
    uint32_t most = 0;

    for (size_t i = 0; i < n; i++) {
        item[i] = (struct item){key[i], (uint32_t)i};
        most = key[i] > most ? key[i] : most;
    }
    node[0].right = 0;
    uint32_t nodes = build(sorted(item, item + n, n, most), n, node, when, spine);
    list(node, spine, order, times);
    free(block);
    memset(order + nodes, 0, (n - nodes) * sizeof *order);
    memset(times + nodes, 0, (n - nodes) * sizeof *times);
    return nodes;
}
