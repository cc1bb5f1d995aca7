"""Guessed contracts: what a C signature tells, and what it cannot tell."""

import pytest

from coopbench.harness.contract import Role, ScalarType
from coopbench.harness.errors import UsageError
from coopbench.harness.inference import infer_contract


def test_an_array_and_its_length() -> None:
    """A pointer to const is input, an integer called n is its length, sizes grow by preset."""
    guess = infer_contract("long sum(const int *a, size_t n) { return 0; }", "sum")
    a, n = guess.contract.parameters
    assert (a.type, a.shape, a.role) == (ScalarType.I32, "n", Role.IN)
    assert n.type is ScalarType.SIZE
    assert guess.contract.returns is ScalarType.I64
    assert guess.contract.prototype == "int64_t sum(const int32_t *a, size_t n)"
    assert [guess.sizes[p]["n"] for p in ("test", "small", "ref")] == [40, 2000, 20000]


def test_arrays_that_may_be_written_are_compared() -> None:
    """A pointer to non-const is input and output: what it held before may matter."""
    guess = infer_contract("void f(float *restrict x, int len) {}", "f")
    x = guess.contract.parameters[0]
    assert (x.role, x.qualifiers) == (Role.INOUT, "restrict")
    assert guess.contract.prototype == "void f(float *restrict x, int32_t len)"


@pytest.mark.parametrize(
    ("signature", "shapes"),
    [
        ("void f(double *c, int rows, int cols)", ["rows * cols"]),
        ("void f(double *a, double *b, int m, int n)", ["m * n", "m * n"]),
        ("void f(char *a, int a_len, char *b, int b_len)", ["a_len", "b_len"]),
        ("void f(int *x, int nx, int *y, int ny)", ["nx", "ny"]),
        ("void f(int *v, int count, int scale)", ["count"]),
        ("void f(int v[], unsigned num)", ["num"]),
    ],
)
def test_lengths_are_matched_by_name_and_place(signature: str, shapes: list[str]) -> None:
    """Each array gets the length that its name or its place in the signature suggests."""
    guess = infer_contract(f"{signature} {{}}", "f")
    assert [p.shape for p in guess.contract.arrays] == shapes


@pytest.mark.parametrize(
    ("spelled", "prototype"),
    [
        ("char *s", "char *s"),
        ("const unsigned char *s", "const uint8_t *s"),
        ("long long *s", "long long *s"),
        ("long unsigned int *s", "uint64_t *s"),
        ("unsigned long long *s", "unsigned long long *s"),
        ("short int *s", "int16_t *s"),
        ("signed char *s", "int8_t *s"),
        ("_Bool *s", "_Bool *s"),
        ("uint32_t *s", "uint32_t *s"),
    ],
)
def test_types_keep_their_meaning_in_c(spelled: str, prototype: str) -> None:
    """The contract's prototype is compatible with the source's in C's own sense."""
    guess = infer_contract(f"int f({spelled}, int n) {{ return 0; }}", "f")
    assert guess.contract.prototype == f"int32_t f({prototype}, int32_t n)"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("int *f(int *a, int n) { return a; }", "returns a pointer"),
        ("void f(struct s *a, int n) {}", "neither a number nor an array"),
        ("void f(int **a, int n) {}", "neither a number nor an array"),
        ("void f(int *a, ...) {}", "none of fixed type"),
        ("void f(int *a, float x) {}", "length of its arrays"),
        ("void f(const int *a, int n) {}", "writes to no array"),
        ("void f(void) {}", "no parameters"),
        ("int f(int (*g)(int), int n) { return 0; }", "neither a number nor an array"),
        ("int f(int g(int), int n) { return 0; }", "neither a number nor an array"),
        ("int f(a, n) int *a; int n; { return 0; }", "old-style definition"),
        ("#define F(x) int x(int *a, int n)\nF(f) { return 0; }", "made by a macro"),
        ("static void f(int *a, int n) {}", "is static"),
        ("void g(int *a, int n) {}", "functions: g"),
        ("", "functions: none"),
        ("}}}} int ((", "functions: none"),
    ],
)
def test_what_cannot_be_guessed_is_said(source: str, why: str) -> None:
    """A signature that says too little is refused with the reason and the remedy."""
    with pytest.raises(UsageError, match=why):
        infer_contract(source, "f")


@pytest.mark.parametrize(
    ("parameter", "role", "prototype"),
    [
        ("int *const a", Role.INOUT, "int32_t *a"),
        ("int const *a", Role.IN, "const int32_t *a"),
        ("const int *const restrict a", Role.IN, "const int32_t *restrict a"),
        ("int a[const]", Role.INOUT, "int32_t *a"),
    ],
)
def test_only_const_elements_are_input(parameter: str, role: Role, prototype: str) -> None:
    """A pointer that is const itself may still be written through, so it is compared."""
    guess = infer_contract(f"int f({parameter}, int n) {{ return 0; }}", "f")
    assert guess.contract.parameters[0].role is role
    assert guess.contract.prototype == f"int32_t f({prototype}, int32_t n)"


def test_typedefs_are_followed() -> None:
    """Names for numbers, of the file or its headers, also in chains, mean what they stand for."""
    source = "typedef word key; key f(const word *x, len n) { return 0; }"
    headers = ("typedef unsigned long int len;", "typedef unsigned char byte, word;")
    guess = infer_contract(source, "f", headers)
    assert guess.contract.prototype == "uint8_t f(const uint8_t *x, uint64_t n)"


@pytest.mark.parametrize(
    "typedef",
    ["typedef const int t;", "typedef int *t;", "typedef struct { int a; } t;", "typedef t t;"],
)
def test_other_typedefs_need_a_hand(typedef: str) -> None:
    """What stands for more than a number is not guessed, and a circle ends."""
    with pytest.raises(UsageError, match="neither a number nor an array"):
        infer_contract(f"{typedef} int f(t x, int n) {{ return 0; }}", "f")


def test_assumptions_name_every_parameter() -> None:
    """Whoever confirms a guess is told what is assumed of each parameter."""
    guess = infer_contract("float f(const float *a, int n, float k) { return k; }", "f")
    text = "\n".join(guess.assumptions)
    for name in ("a has", "n is", "k lies", "overlap"):
        assert name in text


def test_timed_inputs_cost_the_same_each_time() -> None:
    """Integers that are no lengths have a fixed value in the presets, and it is said."""
    guess = infer_contract("long f(const int *a, int n, int gap, _Bool up) { return 0; }", "f")
    assert all(s["gap"] == 10 and s["up"] == 1 for s in guess.sizes.values())
    assert "gap is 10 in the timed input" in guess.assumptions
