/*
 * Simulates messages that hop between the 16 stations of a network.
 *
 * Standard input: one number for each message, in decimal; whatever is no digit separates numbers,
 * and numbers count modulo 2^32. Message m with number v starts at time v % 5000 at station v % 16
 * and makes 1 + v % 5 hops. A station serves one message at a time, for 1 + (v + hop) % 7 units
 * each; messages that arrive while it is busy wait in the order of their arrival. After the service
 * at station s the message arrives at station (5 * s + v % 11 + 1) % 16, 40 + v % 90 units later.
 *
 * Events of the same time happen in the order in which they were scheduled, all starts having been
 * scheduled first. Standard output: "time message station" for each message whose last hop is
 * served, in the order in which those services begin, with the time at which it ends; then the
 * number of events and the time at which the last service ended.
 */
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
        *value = *value * 10 + (uint32_t)(c - '0');
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
