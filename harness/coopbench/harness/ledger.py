"""What a trial may spend and did spend, as records.

All sums are integers (nanoseconds, nano-dollars, counts), so they are exact whatever the
order and number of charges.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from coopbench.harness.base import Frozen, Level

NANO = 1_000_000_000

Count = Annotated[int, Field(ge=0)]


class Currency(StrEnum):
    """What is counted; the values are the field names of `Amounts`, most of them of `Caps`."""

    MODEL_CALLS = "model_calls"
    TOKENS = "tokens"
    NANO_DOLLARS = "nano_dollars"
    COMPILE_NS = "compile_ns"
    RUN_NS = "run_ns"
    WALL_NS = "wall_ns"
    EVALUATIONS = "evaluations"
    ESTIMATED_CALLS = "estimated_calls"
    UNPRICED_CALLS = "unpriced_calls"
    REPLAYED_CALLS = "replayed_calls"


class Amounts(Frozen):
    """An amount of each currency."""

    model_calls: Count = 0
    """Requests to a language model, every attempt counted."""
    tokens: Count = 0
    """Tokens in (cached ones too) and out."""
    nano_dollars: Count = 0
    """Money, in 1e-9 US dollars, of the calls whose price is known."""
    compile_ns: Count = 0
    """Wall nanoseconds in compilers and linkers."""
    run_ns: Count = 0
    """Wall nanoseconds in subject processes."""
    wall_ns: Count = 0
    """Wall nanoseconds altogether; time passes once for all purposes, so only totals have it."""
    evaluations: Count = 0
    """Cost estimates asked for."""
    estimated_calls: Count = 0
    """Requests whose tokens the model did not tell, or could not: estimated from the texts."""
    unpriced_calls: Count = 0
    """Requests whose price is unknown; the money spent is then more than `nano_dollars` says."""
    replayed_calls: Count = 0
    """Requests answered from a tape; their tokens and money were spent when it was recorded."""

    def of(self, currency: Currency) -> int:
        """Return the amount of one currency."""
        value: int = getattr(self, currency.value)
        return value

    def plus(self, other: "Amounts") -> "Amounts":
        """Return the sum."""
        return amounts_of({c: self.of(c) + other.of(c) for c in Currency})


class Caps(Frozen):
    """The most that may be spent of each currency; None means without limit."""

    model_calls: Count | None = None
    tokens: Count | None = None
    nano_dollars: Count | None = None
    compile_ns: Count | None = None
    run_ns: Count | None = None
    wall_ns: Count | None = None
    evaluations: Count | None = None

    def of(self, currency: Currency) -> int | None:
        """Return the cap of one currency; None too for what is only counted."""
        value: int | None = getattr(self, currency.value, None)
        return value


class Purpose(Frozen):
    """What something was spent for."""

    level: Level | None = None
    """Level of abstraction worked on, None if of no single level."""
    agent: str = ""
    """Who spent it, e.g. `autotuner`."""
    action: str
    """On what, e.g. `build`, `cost`, `rewrite`."""


class Spending(Frozen):
    """What was spent for one purpose."""

    purpose: Purpose
    charges: int
    """Number of settled reservations and direct charges."""
    amounts: Amounts


class CurvePoint(Frozen):
    """The moment at which a better verified candidate was found: a point of the anytime curve."""

    candidate: str
    """Candidate id."""
    level: Level
    gain: Annotated[float, Field(gt=0)]
    """Search-time cost(baseline) / cost(candidate) in the target's metric; never a result."""
    spent: Amounts
    """What the trial had spent by then."""


class Ledger(Frozen):
    """What a trial spent; units are in the names."""

    compile_s: float = 0.0
    run_s: float = 0.0
    wall_s: float = 0.0
    evaluations: int = 0
    model_calls: int = 0
    tokens: int = 0
    nano_dollars: int | None = 0
    """None if the price of some call is unknown."""
    estimated_calls: int = 0
    """Model calls whose tokens are estimates."""
    replayed_calls: int = 0
    """Model calls answered from a tape."""
    caps: Caps = Caps()
    """What it was allowed."""
    by_purpose: tuple[Spending, ...] = ()
    """Per level, agent and action; the amounts add up to the totals, wall time apart."""
    curve: tuple[CurvePoint, ...] = ()
    """Anytime curve: each point is a better verified candidate than the one before."""


def amounts_of(values: Mapping[Currency, int]) -> Amounts:
    """Return amounts from a mapping; what is missing is 0."""
    return Amounts.model_validate({c.value: n for c, n in values.items()})
