"""From paired log ratios to a decision, and when to stop sampling.

Order of the rules, at every look (from `min_blocks` on):

1. *Equivalent*: the confidence sequence lies inside (-margin, margin). It comes first, so that
   an effect that is real but too small to matter is called equivalent.
2. *Precise*: a direction is established, firmly enough to survive Bonferroni's correction over
   `claims` comparisons, and the half-width is at most the greater of `precision` and a tenth
   of the estimate.
3. *Last block*: faster or slower if a direction is established, else inconclusive. An interval
   that is narrow but neither excludes 0 nor fits the margin keeps sampling until here.

A direction is established when the e-process against 0 has reached 1/alpha, the confidence
sequence excludes 0, and both the estimate and the mean of the log ratios (the centre of the
Student interval) lie on the same side. The e-process is exact for equality in distribution; the
mean is the estimand proper, and where the two centres contradict each other (one arm has a
heavier tail) no claim is made. The Student interval itself need not exclude 0: it is built for
one look at Gaussian data, and a few spikes would take away all power.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from coopbench.harness.measure.eprocess import FloatArray, log_e_path, p_of_path
from coopbench.harness.measure.multiplicity import bonferroni_alpha
from coopbench.harness.measure.power import mde
from coopbench.harness.measure.sequence import confidence_sequence, hodges_lehmann
from coopbench.harness.model import Block, Decision, Interval

Stop = Literal["precise", "equivalent", "max_blocks"]

_RELATIVE_PRECISION = 0.1


@dataclass(frozen=True)
class StopRule:
    """When to stop sampling and what to call equal; lengths are on the log scale.

    Args:
        alpha: Error probability of a direction and of the interval.
        margin: Effects smaller than this do not matter.
        precision: Half-width of the interval that is narrow enough for a small effect.
        min_blocks: No stop before this many blocks.
        max_blocks: Always stop here.
        claims: Comparisons that the report will correct for. Sampling for a direction goes on
            until p <= alpha / claims, as else it would end too early to be claimed.

    Raises:
        ValueError: for values out of range.
    """

    alpha: float = 0.05
    margin: float = 0.01
    precision: float = 0.01
    min_blocks: int = 10
    max_blocks: int = 100
    claims: int = 1

    def __post_init__(self) -> None:
        if not 0.0 < self.alpha < 1.0:
            raise ValueError(f"alpha must lie in (0, 1), got {self.alpha}")
        if not (self.margin > 0.0 and self.precision > 0.0):
            raise ValueError("margin and precision must be positive")
        if not 1 <= self.min_blocks <= self.max_blocks:
            raise ValueError("needs 1 <= min_blocks <= max_blocks")
        if self.claims < 1:
            raise ValueError(f"claims must be at least 1, got {self.claims}")


@dataclass(frozen=True)
class State:
    """What the blocks so far say. Positive log ratios mean that the candidate is faster."""

    blocks: int
    stop: bool
    why: Stop | None
    """Which rule ended sampling; None while it goes on."""
    decision: Decision
    """What would be said if sampling ended here; final once `stop` is true."""
    log_estimate: float | None
    """Hodges-Lehmann estimate of log(cost of baseline / cost of candidate)."""
    log_interval: Interval | None
    """Confidence sequence of the log ratio; None while it is unbounded."""
    t_interval: Interval | None
    """Student t interval of the mean log ratio; None below two blocks."""
    log_variance: float | None
    """Squared standard error of the mean log ratio, with blocks - 1 degrees of freedom."""
    p_value: float
    """Anytime-valid p of `no difference`."""
    noise: float | None
    """Robust standard deviation of the log ratios, 1.4826 * MAD; None below two blocks."""
    mde: float | None
    """Minimum detectable effect at this noise and number of blocks; None if there is none."""


def decide(d: FloatArray, rule: StopRule) -> State:
    """Judge the blocks so far.

    Args:
        d: log(cost of baseline) - log(cost of candidate), in order, shape (blocks,).
        rule: When to stop.

    Raises:
        ValueError: if a value is not finite.
    """
    d = np.asarray(d, dtype=np.float64)
    n = len(d)
    p_value = p_of_path(log_e_path(d))
    interval = confidence_sequence(d, rule.alpha)
    estimate = hodges_lehmann(d) if n else None
    if interval is not None and estimate is not None:
        interval = _holding(interval, estimate)
    noise = robust_sd(d)
    direction = None
    if estimate is not None and interval is not None and p_value <= rule.alpha:
        direction = _direction(interval, estimate, float(d.mean()))
    firm = p_value <= bonferroni_alpha(rule.alpha, rule.claims)
    settled = firm and _precise(interval, estimate, rule)
    why, decision = _judge(n, rule, interval, direction, settled=settled)
    return State(
        blocks=n,
        stop=why is not None,
        why=why,
        decision=decision,
        log_estimate=estimate,
        log_interval=interval,
        t_interval=student_interval(d, rule.alpha),
        log_variance=float(d.var(ddof=1)) / n if n >= 2 else None,
        p_value=p_value,
        noise=noise,
        mde=None if noise is None else mde(noise, n, rule.alpha),
    )


def log_ratios(blocks: Sequence[Block]) -> FloatArray:
    """Return log(cost of baseline) - log(cost of candidate) of each block, shape (blocks,).

    Raises:
        ValueError: if a cost is not positive.
    """
    costs = np.array([[launch.value for launch in b.launches] for b in blocks], dtype=np.float64)
    costs = costs.reshape(len(blocks), 2)
    if (costs <= 0.0).any():
        raise ValueError("a launch's cost must be positive to enter a ratio")
    ratios: FloatArray = np.log(costs[:, 0]) - np.log(costs[:, 1])
    return ratios


def robust_sd(d: FloatArray) -> float | None:
    """Return 1.4826 times the median absolute deviation, or None below two values."""
    if len(d) < 2:
        return None
    return 1.4826 * float(np.median(np.abs(d - np.median(d))))


def student_interval(d: FloatArray, alpha: float) -> Interval | None:
    """Return the two-sided Student t interval of the mean, or None below two values."""
    n = len(d)
    if n < 2:
        return None
    mean = float(d.mean())
    reach = float(stats.t.isf(alpha / 2.0, n - 1)) * float(d.std(ddof=1)) / math.sqrt(n)
    return Interval(low=mean - reach, high=mean + reach, confidence=1.0 - alpha)


def _holding(interval: Interval, estimate: float) -> Interval:
    """Widen the interval, where it must be, to hold the estimate; wider is still valid."""
    return Interval(
        low=min(interval.low, estimate),
        high=max(interval.high, estimate),
        confidence=interval.confidence,
    )


def _direction(interval: Interval, estimate: float, mean: float) -> Decision | None:
    """Return the side on which interval, estimate and mean agree, if they do."""
    if interval.low > 0.0 and estimate > 0.0 and mean > 0.0:
        return Decision.FASTER
    if interval.high < 0.0 and estimate < 0.0 and mean < 0.0:
        return Decision.SLOWER
    return None


def _precise(interval: Interval | None, estimate: float | None, rule: StopRule) -> bool:
    """Whether the interval is narrow, in itself or for an effect of this size."""
    if interval is None or estimate is None:
        return False
    enough = max(rule.precision, _RELATIVE_PRECISION * abs(estimate))
    return 0.5 * (interval.high - interval.low) <= enough


def _judge(
    blocks: int,
    rule: StopRule,
    interval: Interval | None,
    direction: Decision | None,
    *,
    settled: bool,
) -> tuple[Stop | None, Decision]:
    """Apply the rules in the order of the module docstring."""
    may_stop = blocks >= rule.min_blocks
    last: Stop | None = "max_blocks" if blocks >= rule.max_blocks else None
    if interval is not None and -rule.margin < interval.low and interval.high < rule.margin:
        return ("equivalent" if may_stop else None), Decision.EQUIVALENT
    if direction is None:
        return last, Decision.INCONCLUSIVE
    return ("precise" if may_stop and settled else last), direction
