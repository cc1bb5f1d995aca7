#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct node {
    struct node *left;
    struct node *right;
    uint32_t key;
    uint32_t times;
};

static struct node *new_node(uint32_t key)
{
    struct node *node = malloc(sizeof *node);
    if (node == NULL)
        abort();
    node->left = NULL;
    node->right = NULL;
    node->key = key;
    node->times = 1;
    return node;
}

/* Counts the key, and adds a leaf for it if it is new. */
static void count_key(struct node **tree, uint32_t key)
{
    while (*tree != NULL) {
        if (key == (*tree)->key) {
            (*tree)->times++;
            return;
        }
        tree = key < (*tree)->key ? &(*tree)->left : &(*tree)->right;
    }
    *tree = new_node(key);
}

/* Lists a tree from number `at` on, and returns the number after its last node. */
static size_t list(const struct node *tree, uint32_t *order, uint32_t *times, size_t at)
{
    if (tree == NULL)
        return at;
    order[at] = tree->key;
    times[at] = tree->times;
    at = list(tree->left, order, times, at + 1);
    return list(tree->right, order, times, at);
}

static void release(struct node *tree)
{
    if (tree == NULL)
        return;
    release(tree->left);
    release(tree->right);
    free(tree);
}

/*
 * Puts the n keys one after the other into a binary search tree that is never balanced, and lists
 * its nodes in preorder (each before its left subtree, then its right one): the keys in order, and
 * in times how often each occurred. Returns how many nodes there are; what is left of order and
 * times is filled with zeros.
 */
size_t bst_ops(const uint32_t *key, size_t n, uint32_t *order, uint32_t *times)
{
    struct node *tree = NULL;

    for (size_t i = 0; i < n; i++)
        count_key(&tree, key[i]);
    size_t nodes = list(tree, order, times, 0);
    release(tree);
    for (size_t i = nodes; i < n; i++) {
        order[i] = 0;
        times[i] = 0;
    }
    return nodes;
}
