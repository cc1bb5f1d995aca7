"""The winner without one level's edits: how much slower it is, and within which bounds.

What a level gives is the winner's speedup divided by the speedup without that level. Both are
measured against the same reference, so the ends of the two intervals bound the factor whatever
the dependence between them: low / high to high / low. It is wider than need be, never narrower.
"""

from dataclasses import dataclass

from coopbench.harness.base import Level
from coopbench.harness.model import Interval, Metric
from coopbench.reports import wording
from coopbench.reports.claims import Mark, Result


@dataclass(frozen=True)
class Factor:
    """How many times faster the winner is than without one level's edits."""

    value: float
    low: float
    high: float
    confidence: float
    """Of the bounds: the errors of both intervals added up; 1 where both sides are exact."""

    @property
    def exact(self) -> bool:
        """Whether counts or identical executables leave nothing to be unsure of."""
        return self.confidence == 1.0

    @property
    def interval(self) -> Interval | None:
        """The bounds as an interval; None if the factor is exact."""
        if self.exact:
            return None
        return Interval(low=self.low, high=self.high, confidence=self.confidence)


@dataclass(frozen=True)
class LevelPart:
    """The winner without the edits of one level."""

    level: Level
    with_dependants: bool
    """True if edits of later levels had to go too, because they were made on top of these."""
    result: Result | None
    """None if it was not judged (yet)."""
    factor: Factor | None
    """What the level gives; None if either side has no speedup with bounds."""

    @property
    def name(self) -> str:
        """The level's name, with a mark if later edits went with it."""
        return f"{wording.level_name(self.level)}{' †' if self.with_dependants else ''}"


def bounds(result: Result) -> tuple[float, float] | None:
    """Return the ends of a speedup's interval; both are the speedup where it is exact."""
    if result.speedup is None:
        return None
    if is_exact(result):
        return result.speedup, result.speedup
    interval = result.interval
    return None if interval is None or interval.low <= 0 else (interval.low, interval.high)


def is_exact(result: Result) -> bool:
    """Whether a ratio is a count, or the executables are identical: nothing is uncertain."""
    measurement = result.trial.measurement
    counted = measurement is not None and measurement.metric is Metric.INSTRUCTIONS
    return result.mark is Mark.IDENTICAL or counted


def _error(result: Result) -> float:
    return 0.0 if is_exact(result) or result.interval is None else 1 - result.interval.confidence


def factor_of(winner: Result, without: Result) -> Factor | None:
    """Return what the missing edits give; None if either side has no speedup with bounds."""
    ours, theirs = bounds(winner), bounds(without)
    if ours is None or theirs is None or not winner.speedup or not without.speedup:
        return None
    return Factor(
        value=winner.speedup / without.speedup,
        low=ours[0] / theirs[1],
        high=ours[1] / theirs[0],
        confidence=round(max(0.0, 1 - _error(winner) - _error(without)), 9),
    )
