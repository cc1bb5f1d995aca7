/* Wrong: stops reading a number after seven digits. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { STATIONS = 16 };

struct event {
    struct event *next;
    uint64_t time;
    size_t message;
    uint32_t value;
    uint32_t station;
    uint32_t hop;
};

/* Schedules an event after all events of its time or before. */
static void schedule(struct event **queue, struct event *event)
{
    struct event **place = queue;

    while (*place != NULL && (*place)->time <= event->time)
        place = &(*place)->next;
    event->next = *place;
    *place = event;
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
        *value = *value < 1000000 ? *value * 10 + (uint32_t)(c - '0') : *value;
    return 1;
}

static struct event *new_event(size_t message, uint32_t value)
{
    struct event *event = malloc(sizeof *event);

    if (event == NULL) {
        fputs("evq_list: out of memory\n", stderr);
        exit(1);
    }
    *event = (struct event){NULL, value % 5000, message, value, value % STATIONS, 0};
    return event;
}

int main(void)
{
    struct event *queue = NULL;
    uint64_t free_from[STATIONS] = {0};
    uint64_t events = 0;
    uint64_t last = 0;
    uint32_t value;

    for (size_t message = 0; read_number(&value); message++)
        schedule(&queue, new_event(message, value));

    while (queue != NULL) {
        struct event *event = queue;
        queue = event->next;
        events++;

        uint64_t *free_at = &free_from[event->station];
        uint64_t begin = event->time > *free_at ? event->time : *free_at;
        *free_at = begin + 1 + (event->value + event->hop) % 7;
        if (*free_at > last)
            last = *free_at;
        if (event->hop == event->value % 5) {
            printf("%llu %zu %u\n", (unsigned long long)*free_at, event->message, event->station);
            free(event);
            continue;
        }
        event->hop++;
        event->time = *free_at + 40 + event->value % 90;
        event->station = (5 * event->station + event->value % 11 + 1) % STATIONS;
        schedule(&queue, event);
    }
    printf("%llu events, the last ended at %llu\n", (unsigned long long)events,
           (unsigned long long)last);
    return fflush(stdout) == 0 ? 0 : 1;
}
