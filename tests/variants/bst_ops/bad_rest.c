/* Wrong: leaves what the outputs held behind the last node. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct node {
    struct node *child[2];
    uint32_t key;
    uint32_t times;
};

static size_t list(struct node *tree, uint32_t *order, uint32_t *times, size_t at)
{
    if (tree == NULL)
        return at;
    order[at] = tree->key;
    times[at] = tree->times;
    at = list(tree->child[0], order, times, at + 1);
    return list(tree->child[1], order, times, at);
}

size_t bst_ops(const uint32_t *key, size_t n, uint32_t *order, uint32_t *times)
{
    struct node *pool = calloc(n + 1, sizeof *pool);
    struct node *tree = NULL;
    size_t count = 0;

    if (pool == NULL)
        abort();
    for (size_t i = 0; i < n; i++) {
        struct node **link = &tree;
        while (*link != NULL && (*link)->key != key[i])
            link = &(*link)->child[key[i] > (*link)->key];
        if (*link == NULL) {
            *link = &pool[count++];
            (*link)->key = key[i];
        }
        (*link)->times++;
    }
    size_t nodes = list(tree, order, times, 0);
    free(pool);
    return nodes;
}
