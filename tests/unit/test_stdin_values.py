"""Generated tables and doubles hold what their programs may stumble over."""

import csv as parser
import io
import math
import struct
from fractions import Fraction

import pytest

from coopbench.harness.programs import make_text


def numbers(text: bytes) -> tuple[float, ...]:
    """Return the doubles of a generated input."""
    return struct.unpack(f"<{len(text) // 8}d", text)


@pytest.mark.parametrize("kind", ["csv", "doubles"])
def test_a_seed_gives_the_same_bytes(kind: str) -> None:
    """The input depends on kind, size and seed, and on each of them."""
    text = make_text(kind, 2000, 3)
    assert text == make_text(kind, 2000, 3)
    assert text != make_text(kind, 2000, 4)
    assert text != make_text(kind, 2400, 3)


@pytest.mark.parametrize("size", [100, 5000, 200_000])
def test_tables_have_about_the_size_asked_for(size: int) -> None:
    """A table is whole records, also where it is assembled from pieces."""
    text = make_text("csv", size, 1)
    assert 0.6 * size < len(text) < 1.6 * size
    assert text.endswith(b"\n")


def test_tables_hold_every_kind_of_field() -> None:
    """Quoted commas, newlines and marks, signs, decimals, ragged rows: all within a few seeds."""
    texts = [make_text("csv", 20_000, seed).decode() for seed in range(8)]
    rows = [row for text in texts for row in parser.reader(io.StringIO(text, newline=""))]
    fields = {field for row in rows for field in row}
    assert {"a, b", 'say "yes"', "two\nlines", "", "-3"} <= fields
    assert {len(row) for row in rows} == {3, 6, 8}
    assert any("\r\n" in text for text in texts)
    assert not all("\r\n" in text for text in texts)


def test_sums_of_the_last_column_overflow_for_some_seeds_only() -> None:
    """The rule for overflow matters, and so does the sum where there is none."""
    overflown = []
    for seed in range(24):
        total, fits = 0, True
        for row in parser.reader(io.StringIO(make_text("csv", 5000, seed).decode(), newline="")):
            total += int(row[5]) if len(row) > 5 else 0
            fits &= -(2**63) <= total < 2**63
        overflown.append(not fits)
    assert any(overflown)
    assert not all(overflown)


def test_doubles_fill_whole_numbers_only() -> None:
    """A size that is no multiple of eight is rounded down."""
    assert [len(make_text("doubles", size, 1)) for size in (0, 7, 8, 29)] == [0, 0, 8, 24]


def test_doubles_hold_ties_and_special_values() -> None:
    """Exact ties between thousandths, both signs, NaN and infinities occur."""
    values = numbers(make_text("doubles", 80_000, 2))
    finite = [v for v in values if math.isfinite(v)]
    ties = [v for v in finite if (Fraction(v) * 2000).denominator == 1 and Fraction(v) * 2000 % 2]
    assert len(ties) > 100
    assert any(math.isnan(v) for v in values)
    assert {math.copysign(1, v) for v in values if math.isinf(v)} == {1.0, -1.0}
    assert max(map(abs, finite)) > 2.0**53
    assert len([v for v in finite if 0 < abs(v) < 5e-4]) > 0
