#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* A sparse matrix in compressed form: row i has the elements start[i] to start[i + 1] - 1. */
struct matrix {
    const uint32_t *start;
    const uint32_t *col;
    const double *val;
};

/* An element of the row that is being computed; the list is in order of the columns. */
struct element {
    uint32_t col;
    uint32_t next;
    double val;
};

/* Puts row i of a * b into a list that begins at pool[0].next. */
static void multiply_row(const struct matrix *a, const struct matrix *b, uint32_t i,
                         struct element *pool)
{
    uint32_t used = 0;

    pool[0].next = 0; /* 0 also ends the list */
    for (uint32_t p = a->start[i]; p < a->start[i + 1]; p++) {
        uint32_t k = a->col[p];
        for (uint32_t q = b->start[k]; q < b->start[k + 1]; q++) {
            uint32_t col = b->col[q];
            double product = a->val[p] * b->val[q];
            uint32_t before = 0;
            uint32_t at = pool[0].next;
            while (at != 0 && pool[at].col < col) {
                before = at;
                at = pool[at].next;
            }
            if (at != 0 && pool[at].col == col) {
                pool[at].val += product;
            } else {
                used++;
                pool[used] = (struct element){col, at, product};
                pool[before].next = used;
            }
        }
    }
}

/*
 * Sparse matrix product c = a * b of n-by-n matrices; returns the number of elements of c.
 *
 * The elements of a row of a or b may come in any order and more than once. Each row of c has its
 * elements in ascending order of the columns, one for each column that any product falls on, even
 * if they cancel; it is their sum, added in the order in which the loops over the elements of a
 * and b meet them, beginning with the first. c_col and c_val have room for n * n elements; what is
 * not used of it is set to zero.
 */
size_t spgemm_list(size_t n, size_t a_count, const uint32_t *a_start, const uint32_t *a_col,
                   const double *a_val, size_t b_count, const uint32_t *b_start,
                   const uint32_t *b_col, const double *b_val, uint32_t *c_start, uint32_t *c_col,
                   double *c_val)
{
    struct matrix a = {a_start, a_col, a_val};
    struct matrix b = {b_start, b_col, b_val};
    struct element *pool = malloc((n + 1) * sizeof *pool);
    uint32_t count = 0;

    (void)a_count; /* equals a_start[n] */
    (void)b_count; /* equals b_start[n] */
    if (pool == NULL)
        abort();
    c_start[0] = 0;
    for (size_t i = 0; i < n; i++) {
        multiply_row(&a, &b, (uint32_t)i, pool);
        for (uint32_t at = pool[0].next; at != 0; at = pool[at].next) {
            c_col[count] = pool[at].col;
            c_val[count] = pool[at].val;
            count++;
        }
        c_start[i + 1] = count;
    }
    for (size_t at = count; at < n * n; at++) {
        c_col[at] = 0;
        c_val[at] = 0.0;
    }
    free(pool);
    return count;
}
