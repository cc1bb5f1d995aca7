"""Checkouts of our own that have the forms of public suites: folders of small C programs."""

import json
from collections.abc import Mapping
from pathlib import Path

BUSY = """
static unsigned busy(unsigned x, int rounds)
{
    static unsigned table[1024];
    for (int i = 0; i < rounds; i++) {
        x = x * 1664525u + 1013904223u;
        table[x >> 22] += x >> 7;
        x ^= table[(x >> 12) & 1023];
    }
    return x;
}
"""
"""Work that no compiler can delete."""

GOOD = f"""#include <stdio.h>
{BUSY}
int main(void)
{{
    printf("result %u\\n", busy(1, 3000000));
    return 3;
}}
"""
WRONG_REFERENCE = GOOD.replace("busy(1,", "busy(2,")
CLOCK = f"""#include <stdio.h>
#include <time.h>
{BUSY}
int main(void)
{{
    printf("%u\\n", busy(1, 3000000));
    return time(0) == 0;
}}
"""
ENDLESS = """#include <stdio.h>
int main(int argc, char **argv)
{
    volatile unsigned long n = 1;
    (void)argv;
    while (n)
        n += 2 * argc;
    puts("never");
    return 0;
}
"""
DEAD = """#include <stdio.h>
int main(void)
{
    int sum = 0;
    for (int i = 0; i < 200000000; i++)
        sum += 2;
    printf("%d\\n", sum > 0);
    return 0;
}
"""
SHORT = '#include <stdio.h>\nint main(void) { puts("short"); return 0; }\n'
UNWRITTEN = f"""#include <stdio.h>
{BUSY}
int main(void)
{{
    unsigned seed[16];
    printf("%u\\n", busy(seed[7], 3000000));
    return 0;
}}
"""
BY_COMPILER = f"""#include <stdio.h>
{BUSY}
int main(void)
{{
#ifdef __OPTIMIZE__
    puts("optimized");
#endif
    printf("%u\\n", busy(1, 3000000));
    return 0;
}}
"""
NO_HEADER = '#include "not_here.h"\nint main(void) { return 0; }\n'
BROKEN = "int main(void) { return nonsense; }\n"
OLD = f"""#include <stdio.h>
{BUSY.replace("    for (int i", "    int i; for (i")}
int helper();
main()
{{
    printf("%u\\n", busy(1, 3000000) + helper(2));
    return 0;
}}
int helper(n) int n; {{ return n + 1; }}
"""
CONSTRUCTOR = f"""#include <stdio.h>
{BUSY}
static unsigned early;
__attribute__((constructor)) static void before(void) {{ early = busy(1, 1000); }}
int main(void)
{{
    printf("%u\\n", busy(early, 3000000));
    return 0;
}}
"""


def reference_checkout(root: Path, extra: Mapping[str, tuple[str, str]] | None = None) -> Path:
    """Make C files with `*.reference_output` beside them: good ones, and one of each pitfall."""
    programs = {
        "good": (GOOD, _said(1) + "exit 3\n"),
        "wrong": (WRONG_REFERENCE, _said(1) + "exit 3\n"),
        "clock": (CLOCK, "0\nexit 0\n"),
        "endless": (ENDLESS, "never\nexit 0\n"),
        "dead": (DEAD, "1\nexit 0\n"),
        "short": (SHORT, "short\nexit 0\n"),
        "no-header": (NO_HEADER, "exit 0\n"),
        "broken": (BROKEN, "exit 0\n"),
        "constructor": (CONSTRUCTOR, "exit 0\n"),
        **(extra or {}),
    }
    for name, (code, output) in programs.items():
        write(root, f"unit/{name}.c", code)
        write(root, f"unit/{name}.reference_output", output)
    return root


def self_checkout(root: Path) -> Path:
    """Make programs that check themselves and say so; one that fails, one in old C."""
    check = GOOD.replace("return 3;", 'puts("verify ok"); return 0;')
    write(root, "one/one.c", check)
    write(root, "two/two.c", check.replace("busy(1,", "busy(7,"))
    write(root, "fails/fails.c", GOOD)
    write(root, "old/old.c", OLD.replace("return 0;", 'puts("verify ok"); return 0;', 1))
    write(root, "unwritten/unwritten.c", UNWRITTEN)
    write(root, "by_compiler/by_compiler.c", BY_COMPILER)
    return root


SUMS = """#include <stdio.h>
#include <stdlib.h>
static long total, count;
static long *seen;
int main(void)
{
    long value, best = -1;
    seen = malloc(100000 * sizeof *seen);
    while (scanf("%ld", &value) == 1) {
        seen[count++] = value;
        total += value;
    }
    for (long i = 0; i < count; i++)
        for (long j = 0; j < count; j++)
            if (seen[i] + seen[j] > best)
                best = seen[i] + seen[j];
    printf("%ld %ld %ld\\n", count, total, best);
    if (count == 3)
        exit(0);
    return 0;
}
"""
"""Keeps its sums in variables that only a new process clears, and ends by `exit` on one input."""


def sum_pairs(count: int = 12) -> list[tuple[str, str]]:
    """Return inputs and outputs of `SUMS`."""
    pairs = []
    for n in range(count):
        values = [(7 * i + n) % 1001 for i in range(3 if n == 1 else 300 + n)]
        text = "\n".join(map(str, values)) + "\n"
        pairs.append((text, f"{len(values)} {sum(values)} {2 * max(values)}\n"))
    return pairs


def jsonl_file(path: Path, *, wrong: bool = False) -> Path:
    """Write JSON lines of two programs that read standard input."""
    tests = [{"input": a, "output": b} for a, b in sum_pairs()]
    bad = [{**tests[0], "output": "0 0 0\n"}, *tests[1:]] if wrong else tests
    lines = [
        {"id": "sums", "c_code": SUMS, "tests": tests},
        {"id": "sums again", "c_code": SUMS.replace("best = -1", "best = -2"), "tests": bad},
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def pairs_checkout(root: Path) -> Path:
    """Make folders that hold a C file and pairs of inputs and outputs."""
    for index, (given, expected) in enumerate(sum_pairs()):
        write(root, f"sums/tests/{index}.in", given)
        write(root, f"sums/tests/{index}.out", expected)
        write(root, f"other/input_{index}.txt", given)
        write(root, f"other/output_{index}.txt", expected)
    write(root, "sums/sums.c", SUMS)
    write(root, "other/solution.c", SUMS)
    return root


SUPPORT_H = """#ifndef SUPPORT_H
#define SUPPORT_H
#ifdef MINI_DATASET
#define N 20
#endif
#ifdef LARGE_DATASET
#define N 160
#endif
#ifndef N
#define N 60
#endif
void start_timer(void);
void keep(double *value);
#endif
"""
SUPPORT_C = """#include <sys/time.h>
#include "support.h"
static struct timeval begun;
void start_timer(void) { gettimeofday(&begun, 0); }
void keep(double *value) { (void)value; }
"""
DUMPING = """#include <stdio.h>
#include <support.h>
static double a[N][N], b[N][N], c[N][N];
static void product(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            for (int k = 0; k < N; k++)
                c[i][j] += a[i][k] * b[k][j];
}
int main(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (i * j % 7) / 7.0;
            b[i][j] = (i + j) % 11 / 3.0;
        }
    start_timer();
    product();
    keep(&c[0][0]);
#ifdef LIVE_DUMP_ARRAYS
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            fprintf(stderr, "%0.2lf ", c[i][j]);
#endif
    return 0;
}
"""


def dump_checkout(root: Path) -> Path:
    """Make kernels that dump their arrays, with a support file that tells the time."""
    write(root, "support/support.h", SUPPORT_H)
    write(root, "support/support.c", SUPPORT_C)
    write(root, "linear/product/product.c", DUMPING)
    write(root, "linear/sum/sum.c", DUMPING.replace("* b[k][j]", "+ b[k][j]"))
    return root


def write(root: Path, name: str, text: str) -> None:
    """Write a file below a root."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def busy(x: int, rounds: int) -> int:
    """Return what `busy` in C does."""
    table = [0] * 1024
    for _ in range(rounds):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        at = x >> 22
        table[at] = (table[at] + (x >> 7)) & 0xFFFFFFFF
        x ^= table[(x >> 12) & 1023]
    return x


def _said(seed: int) -> str:
    return f"result {busy(seed, 3_000_000)}\n"
