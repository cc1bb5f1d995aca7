/* Takes all nodes from one block, with 32-bit links that lead to a child by the comparison. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct node {
    uint32_t child[2]; /* 0: none */
    uint32_t key;
    uint32_t times;
};

static size_t list(const struct node *node, uint32_t *stack, size_t count, uint32_t *order,
                   uint32_t *times)
{
    size_t depth = 0;
    size_t at = 0;

    if (count > 0)
        stack[depth++] = 1;
    while (depth > 0) {
        const struct node *here = &node[stack[--depth]];
        order[at] = here->key;
        times[at++] = here->times;
        if (here->child[1] != 0)
            stack[depth++] = here->child[1];
        if (here->child[0] != 0)
            stack[depth++] = here->child[0];
    }
    return at;
}

size_t bst_ops(const uint32_t *key, size_t n, uint32_t *order, uint32_t *times)
{
    struct node *node = malloc((n + 1) * sizeof *node);
    uint32_t *stack = malloc((n + 1) * sizeof *stack);
    uint32_t count = 0;

    if (node == NULL || stack == NULL)
        abort();
    for (size_t i = 0; i < n; i++) {
        uint32_t none = 0;
        uint32_t *link = &none;
        uint32_t at = count > 0;
        while (at != 0 && node[at].key != key[i]) {
            link = &node[at].child[key[i] > node[at].key];
            at = *link;
        }
        if (at != 0) {
            node[at].times++;
        } else {
            *link = ++count;
            node[count] = (struct node){{0, 0}, key[i], 1};
        }
    }
    size_t nodes = list(node, stack, count, order, times);
    for (size_t i = nodes; i < n; i++)
        order[i] = times[i] = 0;
    free(stack);
    free(node);
    return nodes;
}
