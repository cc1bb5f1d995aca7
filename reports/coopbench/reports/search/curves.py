"""Anytime curves: how much had been gained when so much was spent.

A trial's curve is 1 until something better than the original is verified, for the original is
always there to fall back on. An entrant's curve is the geometric mean over its benchmarks, the
repetitions of one benchmark counting as one. The gains are estimates of the search itself; no
result rests on them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from coopbench.harness.ledger import NANO, Amounts, Currency, Ledger
from coopbench.harness.model import Trial
from coopbench.reports.load import Cell
from coopbench.reports.search.spending import counted

CURRENCIES = (Currency.MODEL_CALLS, Currency.TOKENS, Currency.COMPILE_NS)
"""What gains are drawn against."""


@dataclass(frozen=True)
class Curve:
    """Best verified gain against what was spent of one currency: a step function."""

    entrant: str
    points: tuple[tuple[float, float], ...]
    """(spent, gain from there on), both increasing; the first is (0, 1)."""
    end: float
    """Most that one of its trials spent."""
    benchmarks: int

    def at(self, spent: float) -> float:
        """Return the gain when so much was spent."""
        return next(gain for x, gain in reversed(self.points) if x <= spent)


def anytime_curve(entrant: str, cells: Sequence[Cell], currency: Currency) -> Curve | None:
    """Average an entrant's trials on one target; None if it spent nothing of the currency.

    Args:
        entrant: Its name.
        cells: Its cells on the target.
        currency: One of `CURRENCIES`.
    """
    by_cell = [trials for c in cells if (trials := counted(c.trials))]
    end = max((spent_in(t.ledger, currency) for ts in by_cell for t in ts), default=0.0)
    if end <= 0:
        return None
    weighted = [
        (1 / (len(by_cell) * len(trials)), trial_steps(t, currency))
        for trials in by_cell
        for t in trials
    ]
    spots = sorted({x for _, steps in weighted for x, _ in steps})
    points = [(0.0, 1.0)]
    for x in spots:
        log = math.fsum(w * math.log(_value(steps, x)) for w, steps in weighted)
        points.append((x, round(math.exp(log), 9)))
    rising = [points[0], *(b for a, b in pairwise(points) if b[1] > a[1])]
    return Curve(entrant, tuple(rising), end, len(by_cell))


def trial_steps(trial: Trial, currency: Currency) -> tuple[tuple[float, float], ...]:
    """Return (spent, best gain) of each step of a trial above 1."""
    steps: list[tuple[float, float]] = []
    for point in trial.ledger.curve:
        if point.gain > max(1.0, steps[-1][1] if steps else 1.0):
            steps.append((_amount(point.spent, currency), point.gain))
    return tuple(steps)


def spent_in(ledger: Ledger, currency: Currency) -> float:
    """Return what a whole trial spent, in the unit of the chart."""
    if currency is Currency.COMPILE_NS:
        return ledger.compile_s
    value: int = getattr(ledger, currency.value)
    return float(value)


def _amount(spent: Amounts, currency: Currency) -> float:
    value = spent.of(currency)
    return value / NANO if currency is Currency.COMPILE_NS else float(value)


def _value(steps: Sequence[tuple[float, float]], x: float) -> float:
    return next((gain for at, gain in reversed(steps) if at <= x), 1.0)
