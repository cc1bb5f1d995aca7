"""Leaving out of a C file what a function does not need, and putting it back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopbench.harness.c_extract import leave_out

FILE = """#include <stdio.h>
static int sq(int x) { return x * x; }
static int twice(int x)
{
    return 2 * x;
}
int later(int x);
/* main shows it */
void scale(int *y, const int *x, int n)
{
    for (int i = 0; i < n; i++)
        y[i] = sq(x[i]) + later(i);
}
int later(int x) { return x + HIDDEN(1); }
static void show(int v)
{
    printf("%d\\n", v);
}
int main(void)
{
    show(twice(3)); // ü
    return 0;
}
"""


def names(source: str, function: str = "scale", *headers: str) -> list[str]:
    """Return what is left out."""
    return [part.name for part in leave_out(source, function, headers).parts]


def test_what_the_function_does_not_need_is_left_out() -> None:
    """Callees stay, in whatever order; the program around is left out, line by line."""
    found = leave_out(FILE, "scale")
    assert [part.name for part in found.parts] == ["twice", "show", "main"]
    assert "printf" not in found.text
    assert "static int sq" in found.text
    assert "int later(int x) {" in found.text
    lines = found.text.splitlines()
    assert len(lines) == len(FILE.splitlines())
    assert lines.index("void scale(int *y, const int *x, int n)") == 8


def test_it_is_put_back() -> None:
    """An unchanged file is what it was; a changed function stands where it stood."""
    found = leave_out(FILE, "scale")
    assert found.whole(found.text) == FILE
    changed = found.text.replace("y[i] = ", "y[i] = 1 * ")
    assert found.whole(changed) == FILE.replace("y[i] = ", "y[i] = 1 * ")


def test_nothing_is_lost_where_the_marks_are() -> None:
    """If an optimizer dropped the comments, what was left out is put at the end."""
    found = leave_out(FILE, "scale")
    whole = found.whole("void scale(int *y, const int *x, int n) {}\n")
    for text in ("int main(void)", "static void show(int v)", "static int twice(int x)"):
        assert text in whole


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ("#define CALL show(1)\n", "show"),
        ("static void show(int); void (*table[])(int) = {show};\n", "show"),
        ("#ifdef X\nvoid other(void) { show(1); }\n#endif\n", "show"),
    ],
)
def test_what_might_be_needed_stays(before: str, kept: str) -> None:
    """Macros, tables and conditional code may need a function."""
    assert kept not in names(before + FILE)
    assert "main" in names(before + FILE)


def test_headers_count_by_what_they_do() -> None:
    """A header's macros and inline functions may need a function; its prototypes do not."""
    assert "show" in names(FILE, "scale", "void show(int v);\nint main(void);\n")
    assert "show" not in names(FILE, "scale", "#define HIDDEN(x) (show(x), 1)\n")


@pytest.mark.parametrize(
    "source",
    [
        "int f(int x) { return }",
        "not C",
        "",
        "int f(int x) { return x; }\nint f(int y) { return 1; }",
    ],
)
def test_what_cannot_be_read_is_left_as_it_is(source: str) -> None:
    """Text that does not parse, or defines a name twice, is for the compiler to judge."""
    found = leave_out(source, "f")
    assert (found.text, found.parts) == (source, ())


@given(st.text(alphabet="abfgmainx(){};=*/\"'\\\n #é", max_size=60))
def test_any_text_can_be_put_back(text: str) -> None:
    """Whatever stands around the functions, what is left out comes back unchanged."""
    source = f"int f(int x) {{ return x; }}\n{text}\nint main(void) {{ return f(1); }}\n"
    found = leave_out(source, "f")
    assert found.whole(found.text) == source
