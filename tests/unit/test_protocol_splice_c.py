"""C answers: what is put into the file, what is left out, and what is refused by name."""

import pytest

from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.splice_c import c_function, c_functions, splice_c

SOURCE = """#include <stddef.h>
#include "own.h"

#define LIMIT 8

enum { WORDS = 4 };

/* Adds. */
static int add(int a, int b)
{
    return a + b;
}

static const int table[2] = {1, 2};

/* Sums x. */
long total(const int *x, size_t n, int (*pick)(const void *, int))
{
    long sum = 0;
    for (size_t i = 0; i < n; i++)
        sum = add(sum, x[i]);
    return sum;
}

#ifdef TEST
int main(void)
{
    return 0;
}
#endif
"""
SIGNATURE = "long total(const int *x, size_t n, int (*pick)(const void *, int))"
NEW = (
    SIGNATURE + "\n{\n    long sum = 0;\n    while (n--)\n        sum += *x++;\n    return sum;\n}"
)


def spliced(code: str, name: str = "total") -> str:
    """Return the file with an answer that must fit."""
    found = splice_c(SOURCE, name, code)
    assert isinstance(found, str), found
    return found


def refused(code: str, name: str = "total") -> Malformation:
    """Return what is wrong with an answer."""
    found = splice_c(SOURCE, name, code)
    assert isinstance(found, Malformation), found
    return found


def test_functions_are_found_with_their_place() -> None:
    """Names, signatures, places and linkage, within conditionals as well."""
    found = c_functions(SOURCE)
    assert [(f.name, f.static) for f in found] == [("add", True), ("total", False), ("main", False)]
    assert found[1].signature == SIGNATURE
    for f in found:
        text = SOURCE.encode()[f.start : f.end].decode()
        assert text == c_function(SOURCE, f.name)
        assert text.startswith(f.signature)
        assert text.endswith("}")
    assert c_function(SOURCE, "nothing") is None
    assert c_functions("long *(*odd(int x))[3] { return 0; }")[0].name == "odd"


def test_only_the_function_is_replaced() -> None:
    """All else of the file stays, byte by byte, multi-byte characters included."""
    wide = SOURCE.replace("Sums x.", "Σ über x – 合計")
    found = splice_c(wide, "total", NEW)
    old = c_function(wide, "total")
    assert old is not None
    assert found == wide.replace(old, NEW)


def test_what_the_file_has_is_left_out() -> None:
    """A whole file as the answer gives the same as the function alone."""
    old = c_function(SOURCE, "total")
    assert old is not None
    assert spliced(SOURCE.replace(old, NEW)) == spliced(NEW) == SOURCE.replace(old, NEW)
    assert spliced("static int add(int a, int b) { return a + b; }\n" + NEW) == spliced(NEW)


def test_new_parts_come_along() -> None:
    """Headers, helpers, tables, types, macros and prototypes stand before the function."""
    parts = (
        '#include <string.h>\n#define STEP 4\n#pragma GCC diagnostic ignored "-Wall"\n'
        "typedef long wide;\nstruct pair { int a, b; };\nenum { MORE = 2 };\n"
        'static inline wide twice(wide v);\nstatic const char *const names[] = {"a"};\n'
        '_Static_assert(sizeof(int) == 4, "");\n'
        "#if defined(__SSE2__)\n#include <emmintrin.h>\nstatic int lanes(void) { return 4; }\n"
        "#else\nstatic int lanes(void) { return 1; }\n#endif\n"
        "static inline wide twice(wide v) { return 2 * v; }\n"
    )
    found = spliced(parts + NEW)
    assert parts.split("\n", maxsplit=1)[0] in found
    for line in parts.strip().split("\n"):
        assert line in found
    assert found.index("twice(wide v) { return") < found.index(SIGNATURE)
    assert found.index("/* Sums x. */") < found.index("#include <string.h>")
    behind = spliced(f"static int help(int v);\n{NEW}\nstatic int help(int v) {{ return v; }}")
    assert behind.index(SIGNATURE) < behind.index("return v;")


SAME_SIGNATURES = (
    "long total(int const *values, size_t count, int (*choose)(void const *a, int b))",
    "long\ntotal ( const int * restrict x , const size_t n,\n int pick(const void *, int) )",
    "long int total(const int x[], size_t n, int (*pick)(const void *, int))",
    "long total(const int x[static 1], register size_t n, int (*const pick)(const void *, int))",
    "__attribute__((hot)) long total(const int *__restrict x, size_t n, int pick(const void *, int))",
    "signed long total(const signed *x, size_t n, signed int (*pick)(const void *, int))",
)


@pytest.mark.parametrize("head", SAME_SIGNATURES)
def test_signatures_are_compared_as_types(head: str) -> None:
    """Names, spaces, the place of const and promises to the compiler do not matter."""
    assert head.split("(", maxsplit=1)[0].strip() in spliced(f"{head}\n{{\n    return 0;\n}}")


OTHER_SIGNATURES = (
    "int total(const int *x, size_t n, int (*pick)(const void *, int))",
    "long total(int *x, size_t n, int (*pick)(const void *, int))",
    "long total(const int **x, size_t n, int (*pick)(const void *, int))",
    "long total(const int *x, size_t n, int (*pick)(void *, int))",
    "long total(const int *x, size_t n, int (*pick)(const void *))",
    "long total(const int *x, unsigned n, int (*pick)(const void *, int))",
    "long total(size_t n, const int *x, int (*pick)(const void *, int))",
    "long total(x, n, pick)",
    "static long total(const int *x, size_t n, int (*pick)(const void *, int))",
    "inline long total(const int *x, size_t n, int (*pick)(const void *, int))",
    "long *total(const int *x, size_t n, int (*pick)(const void *, int))",
)


@pytest.mark.parametrize("head", OTHER_SIGNATURES)
def test_other_types_are_another_signature(head: str) -> None:
    """The message quotes the signature that must stay."""
    found = refused(f"{head}\n{{\n    return 0;\n}}")
    assert found.kind is Malformed.CHANGED_SIGNATURE
    assert SIGNATURE in found.message


def test_a_static_function_stays_static() -> None:
    """The linkage of a helper is part of what must stay."""
    assert refused("int add(int a, int b) { return b + a; }", "add").kind is (
        Malformed.CHANGED_SIGNATURE
    )
    assert "return b + a" in spliced("static int add(int a, int b) { return b + a; }", "add")


def test_names_of_the_file_are_taken() -> None:
    """Functions, tables, types, constants and macros of the file are not the answer's to change."""
    for part in (
        "static int add(int a, int b) { return b + a; }",
        "static const int table[2] = {3, 4};",
        "enum { WORDS = 5 };",
        "#define LIMIT 9",
        "#define table x",
        "static int table(void) { return 1; }",
    ):
        assert refused(f"{part}\n{NEW}").kind is Malformed.TWO_CANDIDATES, part
    assert "#define LIMIT 8" in spliced(f"#define LIMIT 8\n{NEW}")


@pytest.mark.parametrize(
    "comment",
    [
        "/* handle the remaining elements */",
        "// process the rest of the row four at a time",
        "// the remainder",
        "/* same trick as memchr */",
        "// existing counters are reused below",
        "/* unchanged inputs keep the loop invariant true */",
        "// n is the original size here",
        "// x stays the same",
    ],
)
def test_ordinary_comments_are_no_omissions(comment: str) -> None:
    """Words such as rest, remaining or same are common in good code."""
    assert comment in spliced(NEW.replace("{\n", f"{{\n    {comment}\n", 1))


def test_words_of_the_original_are_no_omissions() -> None:
    """A comment that the file has already does not stand for anything left out."""
    source = SOURCE.replace("long sum = 0;", "long sum = 0;\n    /* existing code */")
    code = c_function(source, "total")
    assert code is not None
    assert isinstance(splice_c(source, "total", code.replace("i++", "++i")), str)
    assert refused(code).kind is Malformed.REST_UNCHANGED


def test_a_comment_behind_code_is_no_omission() -> None:
    """What stands for code stands alone on its line."""
    assert "// unchanged" in spliced(NEW.replace("long sum = 0;", "long sum = 0; // unchanged"))


def test_code_must_not_swallow_the_file() -> None:
    """An open comment or #if behind the function would take the rest of the file away."""
    for rest in ("#if 0", "#endif\n#if 1", "static const int x[] = {"):
        assert refused(f"{NEW}\n{rest}\n").kind is Malformed.WRONG_LANGUAGE, rest
    assert refused(f"{NEW}\n/* open").message


def test_state_of_the_file_may_stay() -> None:
    """Static variables are refused if they are new, not if the function had them."""
    source = "int next(int x)\n{\n    static int last;\n    return last = x + 1 - 1;\n}\n"
    code = "int next(int x)\n{\n    static int last;\n    return last = x;\n}"
    assert isinstance(splice_c(source, "next", code), str)
    more = splice_c(source, "next", code.replace("return", "static int n; n++; return"))
    assert isinstance(more, Malformation)
    assert more.kind is Malformed.UNKNOWN_OPTION
    const = code.replace("return", "static const int one[1] = {1}; return")
    assert isinstance(splice_c(source, "next", const), str)


def test_an_unknown_function_is_the_callers_mistake() -> None:
    """The file must define the function; that is no fault of the answer."""
    with pytest.raises(KeyError):
        splice_c(SOURCE, "nothing", NEW)
