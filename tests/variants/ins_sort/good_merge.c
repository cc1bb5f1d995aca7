/* Merge sort with room from malloc; short or sorted input is inserted as before. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT = 24 };

static void insertion(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double value = x[i];
        size_t at = i;
        for (; at > 0 && x[at - 1] > value; at--)
            x[at] = x[at - 1];
        x[at] = value;
    }
}

static void merge_sort(double *x, size_t n, double *room)
{
    if (n <= SHORT) {
        insertion(x, n);
        return;
    }
    size_t left = n / 2;
    merge_sort(x, left, room);
    merge_sort(x + left, n - left, room);
    if (x[left - 1] <= x[left])
        return;
    memcpy(room, x, left * sizeof *x);
    size_t i = 0;
    size_t j = left;
    size_t k = 0;
    while (i < left && j < n) {
        int later = x[j] < room[i];
        x[k++] = later ? x[j] : room[i];
        j += (size_t)later;
        i += (size_t)!later;
    }
    memcpy(x + k, room + i, (left - i) * sizeof *x);
}

void ins_sort(double *x, size_t n)
{
    double *room = n > SHORT ? malloc(n * sizeof *x) : NULL;

    if (room == NULL)
        insertion(x, n);
    else
        merge_sort(x, n, room);
    free(room);
}
