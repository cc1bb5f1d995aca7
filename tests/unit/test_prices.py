"""Prices are exact integers from dated rows; what is not known stays unknown."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopbench.agents.backends.model import Usage
from coopbench.agents.backends.prices import PriceList, PriceRow, Tier, load_prices
from coopbench.harness.errors import UsageError

DAY = date(2026, 11, 23)
HAIKU = PriceRow(
    models=("claude-haiku-5-5",),
    input=Decimal("0.10"),
    output=Decimal("0.50"),
    cache_read=Decimal("0.01"),
    cache_write_5m=Decimal("0.125"),
    above=Tier(input_tokens=100_000, input=Decimal("0.50"), output=Decimal("2.50")),
    source="made up",
    checked=DAY,
)
GOOD = """
[[price]]
models = ["a"]
input = 1
output = 2
source = "s"
checked = 2026-01-01
"""
COUNTS = st.integers(0, 10**7)
USAGES = st.builds(
    Usage,
    input_tokens=COUNTS,
    output_tokens=COUNTS,
    cache_read_tokens=COUNTS,
    cache_write_tokens=COUNTS,
    cache_write_1h_tokens=COUNTS,
)
RATES = st.decimals(0, 1000, places=5)


def row(*models: str, **changes: object) -> PriceRow:
    """Return a row at one dollar for everything."""
    rates = dict.fromkeys(("input", "output", "cache_read", "cache_write_5m", "cache_write_1h"), 1)
    return PriceRow.model_validate(
        {"models": models, **rates, "source": "s", "checked": DAY, **changes}
    )


def listed(*rows: PriceRow) -> PriceList:
    """Return a list for one day."""
    return PriceList(rows, lambda: DAY)


@given(usage=USAGES, rates=st.tuples(RATES, RATES, RATES, RATES, RATES))
def test_a_price_is_the_exact_sum_rounded_up(
    usage: Usage, rates: tuple[Decimal, Decimal, Decimal, Decimal, Decimal]
) -> None:
    """It equals the sum in rational arithmetic, to the nano-dollar."""
    names = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
    counts = (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_tokens,
        usage.cache_write_tokens,
        usage.cache_write_1h_tokens,
    )
    exact = sum(Fraction(rate) * n * 1000 for rate, n in zip(rates, counts, strict=True))
    price = listed(row("m", **dict(zip(names, rates, strict=True)))).price("m", usage)
    assert price == ceil(exact)


def test_a_fraction_of_a_nano_dollar_counts_as_one() -> None:
    """Whatever is spent is never rounded to nothing."""
    cheap = row("m", input=Decimal("0.00001"))
    assert listed(cheap).price("m", Usage(input_tokens=1)) == 1
    assert listed(cheap).price("m", Usage()) == 0


def test_a_long_prompt_makes_the_whole_request_dearer() -> None:
    """The tier begins beyond its threshold, and the cached part counts as prompt."""
    prices = listed(HAIKU)
    at = Usage(input_tokens=100_000, output_tokens=10)
    assert prices.price("claude-haiku-5-5", at) == 100_000 * 100 + 10 * 500
    beyond = Usage(input_tokens=100_001, output_tokens=10)
    assert prices.price("claude-haiku-5-5", beyond) == 100_001 * 500 + 10 * 2500
    cached = Usage(input_tokens=1, cache_read_tokens=99_999, output_tokens=1)
    assert prices.price("claude-haiku-5-5", cached) == 100 + 99_999 * 10 + 500


def test_what_is_not_known_has_no_price() -> None:
    """An unknown model, or a kind of tokens without a rate, is None and never 0."""
    prices = listed(HAIKU)
    assert prices.price("gpt", Usage(input_tokens=1)) is None
    assert prices.price("", Usage()) is None
    assert prices.price("claude-haiku-5", Usage()) is None
    assert prices.price("claude-haiku-5-5", Usage(cache_write_1h_tokens=1)) is None
    dear = Usage(input_tokens=100_001, cache_read_tokens=1)
    assert prices.price("claude-haiku-5-5", dear) is None


def test_the_closest_match_wins() -> None:
    """An exact id before any pattern, a longer pattern before a shorter one."""
    rows = [
        row("a-*", input=1),
        row("a-b-*", input=2),
        row("a-b-c", input=3),
        row("a-b-c*", input=4),
    ]
    for order in (rows, rows[::-1]):
        prices = listed(*order)
        for model, rate in (("a-x", 1), ("a-b-x", 2), ("a-b-c", 3), ("a-b-cd", 4)):
            assert prices.price(model, Usage(input_tokens=1)) == rate * 1000
        assert prices.row("a") is None


@pytest.mark.parametrize(
    ("offset", "rate"), [(-2, None), (-1, 1), (0, 1), (1, 2), (2, 2), (3, None)]
)
def test_a_row_holds_from_its_first_to_its_last_day(offset: int, rate: int | None) -> None:
    """Both days included; on other days the price is unknown."""
    last = DAY + timedelta(days=2)
    rows = [
        row("m", input=1, valid_from=DAY - timedelta(days=1), valid_to=DAY),
        row("m", input=2, valid_from=DAY + timedelta(days=1), valid_to=last),
    ]
    prices = PriceList(rows, lambda: DAY + timedelta(days=offset))
    expected = None if rate is None else rate * 1000
    assert prices.price("m", Usage(input_tokens=1)) == expected


def test_the_packaged_file_has_every_rate_of_every_row() -> None:
    """It loads, and each row says where it was read and how good that is."""
    rows = load_prices().rows
    assert len(rows) >= 8
    for r in rows:
        assert r.status in {"vendor", "third_party"}
        assert r.source
        assert None not in (r.cache_read, r.cache_write_5m, r.cache_write_1h)
        assert r.input < r.output


@pytest.mark.parametrize(
    ("model", "usage", "nano"),
    [
        ("claude-opus-5-5", Usage(input_tokens=1000, output_tokens=1000), 24_000_000),
        ("claude-haiku-4-5-20251001", Usage(input_tokens=3, output_tokens=1), 8_000),
        ("claude-haiku-5-5", Usage(input_tokens=100_001), 50_000_500),
        ("claude-sonnet-5-5", Usage(cache_read_tokens=1000), 100_000),
    ],
)
def test_packaged_prices(model: str, usage: Usage, nano: int) -> None:
    """Some prices of 23 November 2026, worked out by hand."""
    assert PriceList(load_prices().rows, lambda: DAY).price(model, usage) == nano


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", r"expected \[\[price\]\]"),
        ("price = 3", r"expected \[\[price\]\]"),
        (GOOD + "[other]\n", r"expected \[\[price\]\]"),
        ("[[price", "not TOML"),
        ("\xff", "not TOML"),
        (GOOD + "tax = 1\n", r"row 1 \(a\): tax: Extra inputs"),
        (GOOD + GOOD.replace("input = 1", "input = -1"), r"row 2 \(a\): input: "),
        (GOOD.replace("input = 1\n", ""), r"row 1 \(a\): input: Field required"),
        (GOOD.replace("input = 1", "input = nan"), r"row 1 \(a\): input: "),
        (GOOD.replace('["a"]', "[]"), "row 1: models: "),
        (GOOD.replace('"a"', '"a*b"'), r"row 1 \(a\*b\): .*at the end"),
        (GOOD.replace('"a"', '"*"'), r"row 1 \(\*\): .*at the end"),
        (GOOD + "valid_from = 2026-02-01\nvalid_to = 2026-01-01\n", "lies before"),
        (GOOD + GOOD, "rows 1 and 2 price a at the same time"),
    ],
)
def test_a_malformed_file_is_refused_and_its_row_named(
    tmp_path: Path, text: str, says: str
) -> None:
    """The message names file, row and mistake."""
    path = tmp_path / "mine.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=says) as caught:
        load_prices(str(path))
    assert "mine.toml" in str(caught.value)


def test_a_file_of_ones_own_takes_the_place_of_the_packaged_one(tmp_path: Path) -> None:
    """Its prices hold, all others are unknown; a missing file is a mistake."""
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    prices = load_prices(str(path))
    assert prices.price("a", Usage(input_tokens=1, output_tokens=1)) == 3000
    assert prices.price("claude-haiku-4-5", Usage(input_tokens=1)) is None
    assert "own file" in (prices.row("a") or HAIKU).text
    with pytest.raises(UsageError, match="cannot read the price file"):
        load_prices(str(tmp_path / "none.toml"))
