"""Shape expressions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopbench.harness import expr
from coopbench.harness.errors import UsageError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n", 7),
        ("n*m+1", 22),
        ("max(n, m)", 7),
        ("min(n, 2) // 2", 1),
        ("-n + 10", 3),
        ("n % 4", 3),
    ],
)
def test_expressions_have_their_arithmetic_value(text: str, value: int) -> None:
    """An expression means what the same Python arithmetic means."""
    assert expr.evaluate(text, {"n": 7, "m": 3}) == value


@pytest.mark.parametrize(
    "text",
    [
        "n.real",
        "__import__('os')",
        "n[0]",
        "n ** n",
        "1.5",
        "n if n else 1",
        "n n",
        "max()",
        "n / 2",
        "'a'",
    ],
)
def test_anything_beyond_integer_arithmetic_is_refused(text: str) -> None:
    """No attribute, call, subscript, float or statement is an expression."""
    with pytest.raises(UsageError):
        expr.evaluate(text, {"n": 1})


def test_unknown_names_are_named_with_the_known_ones() -> None:
    """The message for an unknown parameter says which ones exist."""
    with pytest.raises(UsageError, match=r"'k'.*\(n\)"):
        expr.evaluate("n + k", {"n": 1})


def test_division_by_zero_is_a_user_mistake() -> None:
    """Dividing by a scalar that is zero gives a message, not a traceback."""
    with pytest.raises(UsageError, match="divides by zero"):
        expr.evaluate("n // m", {"n": 1, "m": 0})


@given(st.integers(-1000, 1000), st.integers(1, 1000))
def test_names_lists_exactly_the_parameters(n: int, m: int) -> None:
    """`names` returns the free names, and with them evaluation succeeds."""
    text = f"max(n, {abs(n)}) * m - {m}"
    assert expr.names(text) == {"n", "m"}
    assert expr.evaluate(text, {"n": n, "m": m}) == max(n, abs(n)) * m - m
