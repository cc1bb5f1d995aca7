/* Wrong: a key that is there already gets another node in the right subtree. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct node {
    uint32_t child[2];
    uint32_t key;
};

size_t bst_ops(const uint32_t *key, size_t n, uint32_t *order, uint32_t *times)
{
    struct node *node = malloc((n + 1) * sizeof *node);
    uint32_t *stack = malloc((n + 1) * sizeof *stack);
    size_t depth = 0;
    size_t at = 0;

    if (node == NULL || stack == NULL)
        abort();
    for (size_t i = 0; i < n; i++) {
        uint32_t none = 0;
        uint32_t *link = &none;
        for (uint32_t here = i > 0; here != 0; here = *link)
            link = &node[here].child[key[i] >= node[here].key];
        *link = (uint32_t)i + 1;
        node[i + 1] = (struct node){{0, 0}, key[i]};
    }
    if (n > 0)
        stack[depth++] = 1;
    while (depth > 0) {
        const struct node *here = &node[stack[--depth]];
        order[at] = here->key;
        times[at++] = 1;
        if (here->child[1] != 0)
            stack[depth++] = here->child[1];
        if (here->child[0] != 0)
            stack[depth++] = here->child[0];
    }
    free(stack);
    free(node);
    return at;
}
