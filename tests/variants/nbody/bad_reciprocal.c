/* Wrong: multiplies by a reciprocal instead of dividing, which rounds twice. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { BODIES = 5, REPORTS = 8 };

static const double time_step = 0.001;
static const double softening = 0.01; /* keeps close encounters finite */

struct body {
    double x, y, z;
    double vx, vy, vz;
    double mass;
};

/* Returns a number in [-1, 1) that follows from the state, and moves the state on. */
static double draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 4503599627370496.0 - 1.0;
}

static void place(struct body *bodies, uint64_t seed)
{
    for (int i = 0; i < BODIES; i++) {
        struct body *body = &bodies[i];
        body->x = draw(&seed);
        body->y = draw(&seed);
        body->z = draw(&seed);
        body->vx = 0.5 * draw(&seed);
        body->vy = 0.5 * draw(&seed);
        body->vz = 0.5 * draw(&seed);
        body->mass = 0.6 + 0.5 * draw(&seed);
    }
}

static double energy(const struct body *bodies)
{
    double sum = 0.0;

    for (int i = 0; i < BODIES; i++) {
        const struct body *a = &bodies[i];
        sum += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
        for (int j = i + 1; j < BODIES; j++) {
            const struct body *b = &bodies[j];
            double dx = a->x - b->x;
            double dy = a->y - b->y;
            double dz = a->z - b->z;
            sum -= a->mass * b->mass / sqrt(dx * dx + dy * dy + dz * dz + softening);
        }
    }
    return sum;
}

/* Adds to the velocity of a what b's attraction gives it in one step. */
static void attract(struct body *a, const struct body *b)
{
    double dx = b->x - a->x;
    double dy = b->y - a->y;
    double dz = b->z - a->z;
    double distance2 = dx * dx + dy * dy + dz * dz + softening;
    double pull = b->mass * time_step * (1.0 / (distance2 * sqrt(distance2)));

    a->vx += dx * pull;
    a->vy += dy * pull;
    a->vz += dz * pull;
}

static void advance(struct body *bodies)
{
    for (int i = 0; i < BODIES; i++) {
        for (int j = 0; j < BODIES; j++) {
            if (i != j)
                attract(&bodies[i], &bodies[j]);
        }
    }
    for (int i = 0; i < BODIES; i++) {
        bodies[i].x += time_step * bodies[i].vx;
        bodies[i].y += time_step * bodies[i].vy;
        bodies[i].z += time_step * bodies[i].vz;
    }
}

int main(int argc, char **argv)
{
    struct body bodies[BODIES];

    if (argc != 3) {
        fputs("usage: nbody STEPS SEED\n", stderr);
        return 2;
    }
    unsigned long long steps = strtoull(argv[1], NULL, 10);
    place(bodies, strtoull(argv[2], NULL, 10));

    printf("%llu %.16e\n", 0ull, energy(bodies));
    unsigned long long done = 0;
    for (unsigned report = 1; report <= REPORTS; report++) {
        for (; done < steps * report / REPORTS; done++)
            advance(bodies);
        printf("%llu %.16e\n", done, energy(bodies));
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
