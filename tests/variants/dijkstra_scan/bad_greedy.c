/* Wrong: settles a vertex when it is first met, so that no shorter way is found later. */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_VERTICES = 20000, MOST_EDGES = 1000000, MOST_LENGTH = 1000000000 };

struct edge {
    uint32_t to;
    uint32_t length;
    struct edge *next; /* from the same vertex */
};

struct vertex {
    struct edge *edges;
    int64_t distance; /* -1: no way is known */
    int done;
};

static void fail(const char *what)
{
    fprintf(stderr, "dijkstra_scan: %s\n", what);
    exit(1);
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (memory == NULL)
        fail("out of memory");
    return memory;
}

static int is_space(int c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Reads a number from least to most. */
static uint32_t read_number(uint32_t least, uint32_t most)
{
    uint32_t value = 0;
    int c;

    do {
        c = getchar();
    } while (is_space(c));
    if (c < '0' || c > '9')
        fail("a number is missing");
    for (; c >= '0' && c <= '9'; c = getchar()) {
        uint32_t digit = (uint32_t)(c - '0');
        if (digit > most || value > (most - digit) / 10)
            fail("a number is too large");
        value = 10 * value + digit;
    }
    if (value < least)
        fail("a number is too small");
    if (c != EOF && !is_space(c))
        fail("a number is followed by something else");
    return value;
}

static void read_edges(struct vertex *vertex, uint32_t vertices, struct edge *edge, uint32_t edges)
{
    for (uint32_t i = 0; i < edges; i++) {
        uint32_t from = read_number(0, vertices - 1);
        edge[i].to = read_number(0, vertices - 1);
        edge[i].length = read_number(0, MOST_LENGTH);
        edge[i].next = vertex[from].edges;
        vertex[from].edges = &edge[i];
    }
}

/* Returns the nearest vertex that is reached but not done, or NULL. */
static struct vertex *nearest(struct vertex *vertex, uint32_t vertices)
{
    struct vertex *best = NULL;

    for (uint32_t v = 0; v < vertices; v++) {
        if (vertex[v].done || vertex[v].distance < 0)
            continue;
        if (best == NULL || vertex[v].distance < best->distance)
            best = &vertex[v];
    }
    return best;
}

static void find_ways(struct vertex *vertex, uint32_t vertices)
{
    struct vertex *from;

    for (uint32_t v = 0; v < vertices; v++)
        vertex[v].distance = -1;
    vertex[0].distance = 0;
    while ((from = nearest(vertex, vertices)) != NULL) {
        from->done = 1;
        for (const struct edge *edge = from->edges; edge != NULL; edge = edge->next) {
            struct vertex *to = &vertex[edge->to];
            int64_t distance = from->distance + edge->length;
            if (to->distance < 0)
                to->distance = distance;
        }
    }
}

int main(void)
{
    uint32_t vertices = read_number(1, MOST_VERTICES);
    uint32_t edges = read_number(0, MOST_EDGES);
    struct vertex *vertex = allocate(vertices, sizeof *vertex);
    struct edge *edge = allocate(edges, sizeof *edge);
    int64_t sum = 0;

    read_edges(vertex, vertices, edge, edges);
    find_ways(vertex, vertices);
    for (uint32_t v = 0; v < vertices; v++) {
        printf("%" PRId64 "\n", vertex[v].distance);
        if (vertex[v].distance > 0)
            sum += vertex[v].distance;
    }
    printf("sum %" PRId64 "\n", sum);
    free(edge);
    free(vertex);
    return fflush(stdout) == 0 ? 0 : 1;
}
