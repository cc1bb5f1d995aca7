"""Judge of a run's controls: is this run fit to claim anything?

An A/A control compares a program with itself in another layout, so every claimed difference is
false. A planted control compares it with a version that is slower or faster by a known amount.
A run is healthy only if it carried both kinds and

- the lower end of the Wilson interval of the false-positive rate does not exceed alpha,
- the signs of the A/A estimates are balanced: findings on one side mean bias,
- at least `REQUIRED_SHARE` of the planted effects were found, and none the wrong way round.
"""

import math
from collections.abc import Sequence
from typing import Self

from scipy import stats

from coopbench.harness.base import Frozen
from coopbench.harness.model import Decision, Interval, Measurement

PLANTED_SLOWDOWN = 0.02
"""Relative slowdown of the planted-effect control of a run."""

REQUIRED_SHARE = 0.8
"""Share of planted effects that must be found: the power that the MDE promises."""
SIGN_LEVEL = 0.01
"""A/A signs less balanced than this p-value count as bias."""

_CONFIDENCE = 0.95
_CLAIMS = (Decision.FASTER, Decision.SLOWER)


class AaResult(Frozen):
    """Outcome of one A/A control."""

    benchmark: str
    decision: Decision
    log_estimate: float

    @classmethod
    def of(cls, benchmark: str, measurement: Measurement) -> Self:
        """Take what is needed from a measurement.

        Raises:
            ValueError: if it has no estimate; such a control was not run.
        """
        return cls(
            benchmark=benchmark,
            decision=measurement.decision,
            log_estimate=_log_speedup(benchmark, measurement),
        )


class PlantedResult(Frozen):
    """Outcome of one control with a known effect."""

    benchmark: str
    true_log_ratio: float
    """Planted log(cost of baseline / cost of candidate); negative for a slowdown."""
    decision: Decision
    log_interval: Interval | None

    @classmethod
    def of(cls, benchmark: str, true_ratio: float, measurement: Measurement) -> Self:
        """Take what is needed from a measurement.

        Args:
            benchmark: Its name.
            true_ratio: Planted cost(baseline) / cost(candidate), e.g. 1 / 1.02.
            measurement: What the referee found.

        Raises:
            ValueError: if it has no estimate; such a control was not run.
        """
        _log_speedup(benchmark, measurement)
        found = measurement.interval
        return cls(
            benchmark=benchmark,
            true_log_ratio=math.log(true_ratio),
            decision=measurement.decision,
            log_interval=None
            if found is None
            else Interval(
                low=math.log(found.low), high=math.log(found.high), confidence=found.confidence
            ),
        )

    @property
    def expected(self) -> Decision:
        """The decision that the planted effect calls for."""
        return Decision.FASTER if self.true_log_ratio > 0.0 else Decision.SLOWER


class ControlReport(Frozen):
    """What the controls say about the run they were part of."""

    n_aa: int
    false_positives: int
    false_positive_interval: Interval | None
    """Wilson 95 % interval of the false-positive rate; None without A/A controls."""
    positive_signs: int
    """A/A estimates above 0."""
    negative_signs: int
    sign_p: float | None
    """Two-sided binomial p of balanced signs; None if there are none."""
    n_planted: int
    planted_found: int
    planted_reversed: int
    """Planted effects claimed the wrong way round."""
    planted_covered: int
    """Planted effects whose interval holds the true ratio."""
    healthy: bool
    statement: str
    """For people: what the controls found, and what that means for the run."""


def judge_controls(
    aa: Sequence[AaResult], planted: Sequence[PlantedResult], alpha: float = 0.05
) -> ControlReport:
    """Judge a run by its controls.

    Args:
        aa: Results of the A/A controls.
        planted: Results of the planted effects.
        alpha: Error probability at which each control was decided.

    Raises:
        ValueError: if alpha is not in (0, 1).
    """
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha must lie in (0, 1), got {alpha}")
    false_positives = sum(r.decision in _CLAIMS for r in aa)
    rate = _wilson(false_positives, len(aa))
    positive = sum(r.log_estimate > 0.0 for r in aa)
    negative = sum(r.log_estimate < 0.0 for r in aa)
    signs = positive + negative
    sign_p = float(stats.binomtest(positive, signs).pvalue) if signs else None
    found = sum(r.decision is r.expected for r in planted)
    wrong = sum(r.decision in _CLAIMS and r.decision is not r.expected for r in planted)
    faults = [
        *_aa_faults(len(aa), false_positives, rate, alpha),
        *_sign_faults(positive, negative, sign_p),
        *_planted_faults(len(planted), found, wrong),
    ]
    return ControlReport(
        n_aa=len(aa),
        false_positives=false_positives,
        false_positive_interval=rate,
        positive_signs=positive,
        negative_signs=negative,
        sign_p=sign_p,
        n_planted=len(planted),
        planted_found=found,
        planted_reversed=wrong,
        planted_covered=sum(_covers(r) for r in planted),
        healthy=not faults,
        statement=_statement(faults, len(aa), false_positives, rate, (found, len(planted))),
    )


def _aa_faults(n: int, false_positives: int, rate: Interval | None, alpha: float) -> list[str]:
    if rate is None:
        return ["no A/A control was run"]
    if rate.low > alpha:
        fault = (
            f"{false_positives} of {n} comparisons of a program with itself were called "
            f"different, more than chance allows at alpha = {alpha:g}"
        )
        return [fault]
    return []


def _sign_faults(positive: int, negative: int, p: float | None) -> list[str]:
    if p is None or p >= SIGN_LEVEL:
        return []
    return [f"A/A estimates lean to one side ({positive} above, {negative} below 1; p = {p:.2g})"]


def _planted_faults(n: int, found: int, wrong: int) -> list[str]:
    if n == 0:
        return ["no planted effect was run"]
    faults = []
    if found / n < REQUIRED_SHARE:
        faults.append(f"only {found} of {n} planted effects were found")
    if wrong:
        faults.append(f"{wrong} of {n} planted effects were claimed the wrong way round")
    return faults


def _statement(
    faults: Sequence[str],
    n: int,
    false_positives: int,
    rate: Interval | None,
    planted: tuple[int, int],
) -> str:
    if faults or rate is None:
        return f"Controls failed: {'; '.join(faults)}. This run claims nothing."
    return (
        f"Controls passed: {false_positives} of {n} A/A comparisons were called different "
        f"(false-positive rate between {rate.low:.1%} and {rate.high:.1%}, 95 % confidence), "
        f"and {planted[0]} of {planted[1]} planted effects were found."
    )


def _covers(result: PlantedResult) -> bool:
    interval = result.log_interval
    return interval is not None and interval.low <= result.true_log_ratio <= interval.high


def _wilson(hits: int, n: int) -> Interval | None:
    if n == 0:
        return None
    found = stats.binomtest(hits, n).proportion_ci(_CONFIDENCE, method="wilson")
    return Interval(low=float(found.low), high=float(found.high), confidence=_CONFIDENCE)


def _log_speedup(benchmark: str, measurement: Measurement) -> float:
    if measurement.speedup is None:
        raise ValueError(f"the control on {benchmark!r} has no estimate: leave it out")
    return math.log(measurement.speedup)
