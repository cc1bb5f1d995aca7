/* Wrong: the heap does not keep the order of events of the same time. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { STATIONS = 16 };

struct event {
    uint64_t time;
    uint64_t sequence; /* decides between events of the same time */
    size_t message;
    uint32_t value;
    uint32_t station;
    uint32_t hop;
};

struct queue {
    struct event *events; /* a heap: none is later than those at 2 * i + 1 and 2 * i + 2 */
    size_t count;
    size_t capacity;
    uint64_t scheduled;
};

static int before(const struct event *a, const struct event *b)
{
    return a->time < b->time;
}

static void schedule(struct queue *queue, struct event event)
{
    if (queue->count == queue->capacity) {
        queue->capacity = 2 * queue->capacity + 64;
        queue->events = realloc(queue->events, queue->capacity * sizeof *queue->events);
        if (queue->events == NULL) {
            fputs("evq_list: out of memory\n", stderr);
            exit(1);
        }
    }
    event.sequence = queue->scheduled++;
    size_t at = queue->count++;
    for (; at > 0 && before(&event, &queue->events[(at - 1) / 2]); at = (at - 1) / 2)
        queue->events[at] = queue->events[(at - 1) / 2];
    queue->events[at] = event;
}

static struct event take_first(struct queue *queue)
{
    struct event first = queue->events[0], moved = queue->events[--queue->count];
    size_t at = 0;

    for (size_t child = 1; child < queue->count; child = 2 * at + 1) {
        if (child + 1 < queue->count && before(&queue->events[child + 1], &queue->events[child]))
            child++;
        if (!before(&queue->events[child], &moved))
            break;
        queue->events[at] = queue->events[child];
        at = child;
    }
    queue->events[at] = moved;
    return first;
}

/* Reads the next number; returns 0 at the end of the input. */
static int read_number(uint32_t *value)
{
    int c = getchar();

    while (c != EOF && (c < '0' || c > '9'))
        c = getchar();
    if (c == EOF)
        return 0;
    *value = 0;
    for (; c >= '0' && c <= '9'; c = getchar())
        *value = *value * 10 + (uint32_t)(c - '0');
    return 1;
}

int main(void)
{
    struct queue queue = {NULL, 0, 0, 0};
    uint64_t free_from[STATIONS] = {0};
    uint64_t events = 0;
    uint64_t last = 0;
    uint32_t value;

    for (size_t message = 0; read_number(&value); message++)
        schedule(&queue,
                 (struct event){value % 5000, 0, message, value, value % STATIONS, 0});

    while (queue.count > 0) {
        struct event now = take_first(&queue), *event = &now;
        events++;

        uint64_t *free_at = &free_from[event->station];
        uint64_t begin = event->time > *free_at ? event->time : *free_at;
        *free_at = begin + 1 + (event->value + event->hop) % 7;
        if (*free_at > last)
            last = *free_at;
        if (event->hop == event->value % 5) {
            printf("%llu %zu %u\n", (unsigned long long)*free_at, event->message, event->station);
            continue;
        }
        event->hop++;
        event->time = *free_at + 40 + event->value % 90;
        event->station = (5 * event->station + event->value % 11 + 1) % STATIONS;
        schedule(&queue, now);
    }
    printf("%llu events, the last ended at %llu\n", (unsigned long long)events,
           (unsigned long long)last);
    free(queue.events);
    return fflush(stdout) == 0 ? 0 : 1;
}
