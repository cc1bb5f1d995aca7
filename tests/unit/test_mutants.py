"""Seeded wrong variants of C sources."""

import pytest

from coopbench.harness.mutants import seed_mutants
from coopbench.harness.mutation.syntax import parse
from coopbench.suites.catalog import curated

SOURCE = """#include <stddef.h>
#include <stdint.h>

static int clamp(int v, int most)
{
    if (v > most)
        v = most;
    return v < 0 ? 0 : v;
}

double work(const double *x, double *y, size_t n, unsigned shift)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (x[i] > y[i])
            y[i] = x[i] * 2.5;
        sum += x[i];
    }
    size_t at = 0;
    while (at < n) {
        at += 1;
        if (x[0] == 7.0)
            break;
    }
    while (at > 0)
        at -= 1;
    uint32_t bits = (uint32_t)n << 3 & 0xF0u;
    return sum + clamp((int)bits, 100) + shift;
}
"""


def of(operator: str, function: str | None = None) -> set[tuple[str, str]]:
    """Return what an operator changes, as old and new line."""
    found = set()
    for mutant in seed_mutants(SOURCE, function, 500, 0):
        if f": {operator}: " not in mutant.description:
            continue
        old, new = SOURCE.splitlines(), mutant.text.splitlines()
        assert len(old) == len(new)
        (changed,) = [(a.strip(), b.strip()) for a, b in zip(old, new, strict=True) if a != b]
        found.add(changed)
    return found


FOR = "for (size_t i = 0; i < n; i++) {"
BITS = "uint32_t bits = (uint32_t)n << 3 & 0xF0u;"
BODY = "{"
EXPECTED: dict[str, set[tuple[str, str]]] = {
    "relational": {
        ("if (v > most)", "if (v >= most)"),
        ("return v < 0 ? 0 : v;", "return v <= 0 ? 0 : v;"),
        (FOR, FOR.replace("i < n", "i <= n")),
        ("if (x[i] > y[i])", "if (x[i] >= y[i])"),
        ("while (at < n) {", "while (at <= n) {"),
        ("if (x[0] == 7.0)", "if (x[0] != 7.0)"),
    },
    "bound": {
        (FOR, FOR.replace("i < n", "i + 1 < n")),
        ("while (at < n) {", "while (at + 1 < n) {"),
    },
    "order": {(FOR, "for (size_t i = n; i-- > 0;) {")},
    "bits": {(BITS, BITS.replace("<<", ">>")), (BITS, BITS.replace("&", "|"))},
    "assignment": {("sum += x[i];", "sum -= x[i];")},
    "zero": {("double sum = 0.0;", "double sum = -0.0;")},
    "arms": {("return v < 0 ? 0 : v;", "return v < 0 ? v : 0;")},
    "statement": {
        ("v = most;", ";"),
        ("y[i] = x[i] * 2.5;", ";"),
        ("sum += x[i];", ";"),
    },
    "type": {
        ("double sum = 0.0;", "float sum = 0.0;"),
        (BITS, BITS.replace("uint32_t bits", "uint16_t bits")),
    },
    "signedness": {
        ("if (v > most)", "if ((int)(v) > (int)(most))"),
        ("if (x[i] > y[i])", "if ((int)(x[i]) > (int)(y[i]))"),
    },
    "unordered": {
        ("if (v > most)", "if (!((v) <= (most)))"),
        ("if (x[i] > y[i])", "if (!((x[i]) <= (y[i])))"),
    },
    "tail": {(BODY, "{ n -= n % 8;"), (BODY, "{ n -= n % 4;")},
    "empty": {(BODY, "{ if (n == 0) n = 1;")},
    "width": {(BODY, "{ n = (unsigned short)(n);")},
    "aliasing": {
        (
            "double work(const double *x, double *y, size_t n, unsigned shift)",
            "double work(const double *restrict x, double *restrict y, size_t n, unsigned shift)",
        )
    },
}


@pytest.mark.parametrize("operator", EXPECTED)
def test_an_operator_changes_what_it_should_and_nothing_else(operator: str) -> None:
    """Each operator finds all its places; what only makes a loop endless is none of them."""
    assert of(operator) == EXPECTED[operator]


def test_an_if_without_else_can_be_left_out() -> None:
    """A check or clamp disappears as a whole, unless a loop could then not end."""
    texts = [m.text for m in seed_mutants(SOURCE, None, 500, 0) if ": check: " in m.description]
    assert len(texts) == 2
    assert all("break;" in t for t in texts)
    assert any("v = most" not in t for t in texts)
    assert any("2.5" not in t for t in texts)


def test_constants_move_by_one_and_keep_their_suffix() -> None:
    """Integers become their neighbours, fractions double, zero becomes one."""
    changed = {new for _, new in of("constant")}
    assert BITS.replace("0xF0u", "241u") in changed
    assert BITS.replace("0xF0u", "239u") in changed
    assert BITS.replace("<< 3", "<< 4") in changed
    assert "y[i] = x[i] * (2 * 2.5);" in changed
    assert "double sum = 1.0;" in changed
    assert FOR.replace("i = 0", "i = 1") in changed


def test_one_function_can_be_chosen() -> None:
    """With a name, all other functions stay as they are."""
    tail = SOURCE[SOURCE.index("double work") :]
    mutants = seed_mutants(SOURCE, "clamp", 500, 0)
    assert mutants
    assert all(m.text.endswith(tail) for m in mutants)
    assert seed_mutants(SOURCE, "nothing", 500, 0) == ()


def test_the_seed_alone_decides() -> None:
    """The same seed gives the same mutants, another one others."""
    assert seed_mutants(SOURCE, None, 8, 5) == seed_mutants(SOURCE, None, 8, 5)
    assert seed_mutants(SOURCE, None, 8, 5) != seed_mutants(SOURCE, None, 8, 6)


def test_a_few_mutants_show_many_operators() -> None:
    """The choice goes through the operators before it takes a second one of any."""
    operators = [m.description.split(": ")[1] for m in seed_mutants(SOURCE, None, 12, 3)]
    assert len(set(operators)) == 12


@pytest.mark.parametrize("name", [b.name for b in curated().benchmarks])
def test_mutants_of_the_suite_are_distinct_and_parse(name: str) -> None:
    """Every mutant differs from the source and all others, and is well-formed C."""
    benchmark = next(b for b in curated().benchmarks if b.name == name)
    source = next(t for n, t in sorted(benchmark.files.items()) if n.endswith(".c"))
    mutants = seed_mutants(source, None, 40, 1)
    assert len(mutants) >= 8
    texts = {m.text for m in mutants}
    assert len(texts) == len(mutants)
    assert source not in texts
    assert not any(parse(t.encode()).has_error for t in texts)


def test_what_is_no_c_has_no_mutants() -> None:
    """Text without functions, or broken, gives none and raises nothing."""
    assert seed_mutants("", None, 5, 0) == ()
    assert seed_mutants("int f(int a) { return a", None, 5, 0) == ()
