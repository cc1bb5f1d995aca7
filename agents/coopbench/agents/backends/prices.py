"""What calls of models cost, in integer nano-dollars, from a dated price file.

The price of a model without a row is unknown: None, never 0.
"""

import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import resources
from itertools import combinations
from math import ceil
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from coopbench.agents.backends.model import Usage
from coopbench.harness.base import Frozen
from coopbench.harness.errors import UsageError

NANO_PER_TOKEN = 1000
"""Nano-dollars per token of one US dollar per million tokens."""

Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000)]
"""US dollars per million tokens."""


class Rates(Frozen):
    """US dollars per million tokens; None where unknown."""

    input: Dollars
    output: Dollars
    cache_read: Dollars | None = None
    cache_write_5m: Dollars | None = None
    cache_write_1h: Dollars | None = None

    def price(self, usage: Usage) -> int | None:
        """Return nano-dollars, rounded up; None if tokens occur whose rate is unknown."""
        parts = (
            (usage.input_tokens, self.input),
            (usage.output_tokens, self.output),
            (usage.cache_read_tokens, self.cache_read),
            (usage.cache_write_tokens, self.cache_write_5m),
            (usage.cache_write_1h_tokens, self.cache_write_1h),
        )
        total = Decimal(0)
        for tokens, rate in parts:
            if not tokens:
                continue
            if rate is None:
                return None
            total += tokens * rate * NANO_PER_TOKEN
        return ceil(total)


class Tier(Rates):
    """Rates of requests with long prompts."""

    input_tokens: Annotated[int, Field(gt=0)]
    """They hold for a whole request whose prompt, cached part included, is longer than this."""


class PriceRow(Rates):
    """Rates of some models from one day to another."""

    models: Annotated[tuple[str, ...], Field(min_length=1)]
    """Ids; a trailing `*` stands for any ending."""
    above: Tier | None = None
    valid_from: date | None = None
    """First day; None means open."""
    valid_to: date | None = None
    """Last day; None means open."""
    status: Literal["vendor", "third_party", "own"] = "own"
    """Who says so: the provider's documentation, somebody else, or the file's owner."""
    source: str
    checked: date
    """Day on which the source was read."""

    @model_validator(mode="after")
    def _patterns(self) -> Self:
        for pattern in self.models:
            if not pattern.rstrip("*") or "*" in pattern[:-1]:
                raise ValueError(f"model {pattern!r}: a * may stand at the end of an id only")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self

    def fit(self, model: str) -> int:
        """Return how well the row fits a model: 0 not at all, more for a closer match."""
        fits = [0]
        for pattern in self.models:
            if pattern == model:
                fits.append(2 * len(model) + 2)
            elif pattern.endswith("*") and model.startswith(pattern[:-1]):
                fits.append(2 * len(pattern) - 1)
        return max(fits)

    def valid(self, day: date) -> bool:
        """Whether the row holds on a day."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)

    def price(self, usage: Usage) -> int | None:
        """Return nano-dollars of one request, rounded up; None if a rate it needs is unknown."""
        prompt = usage.total - usage.output_tokens
        if self.above is not None and prompt > self.above.input_tokens:
            return self.above.price(usage)
        return super().price(usage)

    @property
    def text(self) -> str:
        """One line for people."""
        tier = ", dearer for long prompts" if self.above else ""
        who = {"vendor": "", "third_party": ", from a third party", "own": ", own file"}
        return (
            f"${self.input} in, ${self.output} out per million tokens{tier}"
            f" (checked {self.checked}{who[self.status]})"
        )


def _today() -> date:
    return datetime.now(UTC).date()


class PriceList:
    """Prices by model and day.

    Args:
        rows: All rows; of several that fit a model on a day, the closest match wins.
        today: Returns the day whose prices hold.
    """

    def __init__(self, rows: Sequence[PriceRow], today: Callable[[], date] = _today) -> None:
        self.rows = tuple(rows)
        self._today = today

    def row(self, model: str) -> PriceRow | None:
        """Return the row that holds for a model today, None if its price is unknown."""
        day = self._today()
        fits = [(row.fit(model), row) for row in self.rows if row.valid(day)]
        best = max(fits, key=lambda pair: pair[0], default=None)
        return best[1] if best is not None and best[0] else None

    def price(self, model: str, usage: Usage) -> int | None:
        """Return what a request costs in nano-dollars, rounded up; None if that is unknown."""
        row = self.row(model)
        return None if row is None else row.price(usage)


def load_prices(path: str | None = None) -> PriceList:
    """Read a price file.

    Args:
        path: A file of the user's own, in place of the one that comes with the package.

    Raises:
        UsageError: if it cannot be read, or a row is malformed.
    """
    if path is None:
        packaged = resources.files("coopbench.agents.backends") / "prices.toml"
        return PriceList(_rows("prices.toml", packaged.read_bytes()))
    try:
        return PriceList(_rows(path, Path(path).read_bytes()))
    except OSError as e:
        raise UsageError(f"cannot read the price file {path}: {e.strerror}") from e


def _rows(name: str, raw: bytes) -> tuple[PriceRow, ...]:
    try:
        table = tomllib.loads(raw.decode(), parse_float=Decimal)
    except ValueError as e:
        raise UsageError(f"price file {name}: not TOML: {e}") from None
    rows = table.pop("price", None)
    if table or not isinstance(rows, list) or not rows:
        raise UsageError(
            f"price file {name}: expected [[price]] tables and nothing else; "
            "the prices.toml of the package is an example"
        )
    read = tuple(_row(name, number, row) for number, row in enumerate(rows, 1))
    _refuse_overlaps(name, read)
    return read


def _row(name: str, number: int, row: object) -> PriceRow:
    try:
        return PriceRow.model_validate(row)
    except ValidationError as e:
        first = e.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        models = row.get("models") if isinstance(row, dict) else None
        which = f" ({models[0]})" if isinstance(models, list) and models else ""
        raise UsageError(
            f"price file {name}: row {number}{which}: {where + ': ' if where else ''}{first['msg']}"
        ) from None


def _refuse_overlaps(name: str, rows: tuple[PriceRow, ...]) -> None:
    for (i, one), (j, other) in combinations(enumerate(rows, 1), 2):
        both = sorted(set(one.models) & set(other.models))
        first = max(one.valid_from or date.min, other.valid_from or date.min)
        last = min(one.valid_to or date.max, other.valid_to or date.max)
        if both and first <= last:
            raise UsageError(
                f"price file {name}: rows {i} and {j} price {both[0]} at the same time;"
                " end the older one with valid_to"
            )
