/*
 * Expert version: input by the block, edges sorted by where they start, a heap of four children a
 * node with distance and vertex in one number, and digits written by hand.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VERTICES = 20000, MOST_EDGES = 1000000, MOST_LENGTH = 1000000000, VERTEX_BITS = 15 };

struct edge {
    uint32_t to;
    uint32_t length;
};

static void fail(const char *what)
{
    fprintf(stderr, "dijkstra_scan: %s\n", what);
    exit(1);
}

struct input {
    char *text; /* a zero byte follows */
    size_t length;
    const char *at; /* what is read next */
};

/* Reads all of standard input. */
static struct input read_input(void)
{
    struct input input = {NULL, 0, NULL};
    size_t capacity = 1 << 18;
    size_t got;

    do {
        input.text = realloc(input.text, capacity + 1);
        if (input.text == NULL)
            fail("out of memory");
        got = fread(input.text + input.length, 1, capacity - input.length, stdin);
        input.length += got;
        capacity = input.length == capacity ? 2 * capacity : capacity;
    } while (got > 0);
    input.text[input.length] = 0;
    input.at = input.text;
    return input;
}

static void *allocate(size_t count, size_t size)
{
    void *memory = malloc((count + 1) * size);
    if (memory == NULL)
        fail("out of memory");
    return memory;
}

static int is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static uint32_t read_number(struct input *input, uint32_t least, uint32_t most)
{
    const char *at = input->at;
    uint64_t value = 0;

    while (is_space(*at))
        at++;
    if (*at < '0' || *at > '9')
        fail("a number is missing");
    for (; *at >= '0' && *at <= '9'; at++) {
        value = 10 * value + (uint64_t)(*at - '0');
        if (value > most)
            fail("a number is too large");
    }
    if (value < least)
        fail("a number is too small");
    if (!is_space(*at) && at != input->text + input->length)
        fail("a number is followed by something else");
    input->at = at;
    return (uint32_t)value;
}

/* Reads the edges and sorts them: those of vertex v are edge[first[v]] to edge[first[v + 1] - 1]. */
static struct edge *read_edges(struct input *input, uint32_t vertices, uint32_t edges,
                               uint32_t *first)
{
    uint32_t *from = allocate(edges, sizeof *from);
    struct edge *read = allocate(edges, sizeof *read);
    struct edge *edge = allocate(edges, sizeof *edge);

    memset(first, 0, (vertices + 2) * sizeof *first);
    for (uint32_t i = 0; i < edges; i++) {
        from[i] = read_number(input, 0, vertices - 1);
        read[i].to = read_number(input, 0, vertices - 1);
        read[i].length = read_number(input, 0, MOST_LENGTH);
        first[from[i] + 2]++;
    }
    for (uint32_t v = 2; v <= vertices; v++)
        first[v] += first[v - 1];
    for (uint32_t i = 0; i < edges; i++)
        edge[first[from[i] + 1]++] = read[i];
    free(read);
    free(from);
    return edge;
}

/* A heap of numbers: a distance, below 2^45, and the vertex in the lowest bits. */
struct heap {
    uint64_t *entry;
    size_t count;
};

static void push(struct heap *heap, uint64_t entry)
{
    size_t at = heap->count++;

    while (at > 0 && heap->entry[(at - 1) / 4] > entry) {
        heap->entry[at] = heap->entry[(at - 1) / 4];
        at = (at - 1) / 4;
    }
    heap->entry[at] = entry;
}

static uint64_t pop(struct heap *heap)
{
    uint64_t top = heap->entry[0];
    uint64_t last = heap->entry[--heap->count];
    size_t at = 0;

    for (size_t child = 1; child < heap->count; child = 4 * at + 1) {
        size_t end = child + 4 < heap->count ? child + 4 : heap->count;
        size_t least = child;
        for (size_t k = child + 1; k < end; k++)
            least = heap->entry[k] < heap->entry[least] ? k : least;
        if (heap->entry[least] >= last)
            break;
        heap->entry[at] = heap->entry[least];
        at = least;
    }
    heap->entry[at] = last;
    return top;
}

static void find_ways(const uint32_t *first, const struct edge *edge, struct heap *heap,
                      int64_t *distance)
{
    distance[0] = 0;
    push(heap, 0);
    while (heap->count > 0) {
        uint64_t top = pop(heap);
        uint32_t from = top & ((1 << VERTEX_BITS) - 1);
        int64_t way = (int64_t)(top >> VERTEX_BITS);
        if (way != distance[from])
            continue; /* out of date */
        for (uint32_t e = first[from]; e < first[from + 1]; e++) {
            uint32_t to = edge[e].to;
            int64_t longer = way + edge[e].length;
            if (distance[to] < 0 || longer < distance[to]) {
                distance[to] = longer;
                push(heap, (uint64_t)longer << VERTEX_BITS | to);
            }
        }
    }
}

/* Writes a number and a newline; returns where they end. */
static char *write_number(char *to, int64_t number)
{
    char digits[24];
    size_t at = sizeof digits;

    if (number < 0) {
        memcpy(to, "-1\n", 3);
        return to + 3;
    }
    digits[--at] = '\n';
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    memcpy(to, digits + at, sizeof digits - at);
    return to + (sizeof digits - at);
}

int main(void)
{
    struct input input = read_input();
    uint32_t vertices = read_number(&input, 1, MOST_VERTICES);
    uint32_t edges = read_number(&input, 0, MOST_EDGES);
    uint32_t *first = allocate(vertices + 1, sizeof *first);
    struct edge *edge = read_edges(&input, vertices, edges, first);
    struct heap heap = {allocate(edges, sizeof *heap.entry), 0};
    int64_t *distance = allocate(vertices, sizeof *distance);
    char *output = allocate(vertices, 24);
    char *end = output;
    int64_t sum = 0;

    memset(distance, 0xFF, vertices * sizeof *distance);
    find_ways(first, edge, &heap, distance);
    for (uint32_t v = 0; v < vertices; v++) {
        end = write_number(end, distance[v]);
        sum += distance[v] > 0 ? distance[v] : 0;
    }
    memcpy(end, "sum ", 4);
    end = write_number(end + 4, sum);
    fwrite(output, 1, (size_t)(end - output), stdout);
    free(output);
    free(distance);
    free(heap.entry);
    free(edge);
    free(first);
    free(input.text);
    return fflush(stdout) == 0 ? 0 : 1;
}
