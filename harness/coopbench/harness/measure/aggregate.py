"""One entrant over many benchmarks: geometric mean with two intervals, shares, extremes.

The geometric mean is the only mean of ratios whose verdict does not depend on which side is
called the baseline (Fleming and Wallace, CACM 29(3), 1986). Two questions, two intervals:

- *This suite*: would another measurement of these very benchmarks agree? The variance is the
  sum of the benchmarks' variances over K squared; Student t with Satterthwaite's degrees of
  freedom (Biometrics Bull. 2, 1946).
- *Programs like these*: would other benchmarks, drawn as these were, agree? Each end is
  the outer one of Student t and the BCa cluster bootstrap over benchmarks (Efron, JASA 82,
  1987), whose skewness correction matters where few benchmarks gain much. Benchmarks are the
  clusters; their measurement noise is already in the spread between them. The bootstrap-t
  covers better still, but where most ratios lie near 1 and one is large, its ends run off to
  thousands: tried and rejected.

A failure enters as ratio 1, because its user falls back to the baseline, and stays in every
denominator.
"""

import math
from collections.abc import Sequence
from typing import Self

import numpy as np
from pydantic import Field
from scipy import stats

from coopbench.harness.base import Frozen
from coopbench.harness.measure.decision import log_ratios
from coopbench.harness.measure.eprocess import FloatArray
from coopbench.harness.model import Decision, Interval, Measurement, Metric

FEW_BENCHMARKS = 15
"""Below this number an interval about other programs is a rough guess, and is flagged."""
FAST_P = (1.0, 1.05, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0)
"""Default thresholds of the fast_p curve."""

_RESAMPLES = 10_000


class Score(Frozen):
    """What one entrant reached on one benchmark."""

    benchmark: str
    correct: bool
    """False for every failed trial; its ratio then counts as 1."""
    log_speedup: float = 0.0
    """log(cost of baseline / cost of candidate); ignored for a failure."""
    log_variance: float = Field(default=0.0, ge=0.0)
    """Squared standard error of `log_speedup`; 0 for exact counts and identical binaries."""
    df: float = Field(default=1.0, gt=0.0)
    """Degrees of freedom of `log_variance`: blocks - 1."""
    decision: Decision | None = None
    """The (multiplicity-adjusted) decision; None if there is none."""

    @classmethod
    def of(cls, benchmark: str, measurement: Measurement | None) -> Self:
        """Score a trial from its measurement; None, or one without an estimate, is a failure.

        Raises:
            ValueError: if a launch cost is not positive, or a timed measurement has fewer than
                two blocks and so no variance.
        """
        if measurement is not None and measurement.decision is Decision.IDENTICAL:
            return cls(benchmark=benchmark, correct=True, decision=Decision.IDENTICAL)
        if measurement is None or measurement.speedup is None:
            return cls(benchmark=benchmark, correct=False)
        d = log_ratios(measurement.blocks)
        n = len(d)
        if n < 2 and measurement.metric is Metric.CPU_SECONDS:
            raise ValueError(f"the measurement of {benchmark!r} has too few blocks: {n}")
        return cls(
            benchmark=benchmark,
            correct=True,
            log_speedup=math.log(measurement.speedup),
            decision=measurement.decision,
            log_variance=float(d.var(ddof=1)) / n if n >= 2 else 0.0,
            df=max(n - 1, 1),
        )

    @property
    def effective(self) -> float:
        """The log ratio that enters the main score: 0 for a failure."""
        return self.log_speedup if self.correct else 0.0


class Extreme(Frozen):
    """A benchmark and the speedup reached on it."""

    benchmark: str
    speedup: float


class FastPoint(Frozen):
    """A point of the fast_p curve."""

    p: float
    share: float
    """Share of all benchmarks that are correct and have a speedup above `p`."""


class Shares(Frozen):
    """How the benchmarks ended, as shares of all of them; they sum to 1."""

    faster: float
    slower: float
    equivalent: float
    """Identical binaries included."""
    inconclusive: float
    """Correct, without a decision either way."""
    failed: float


class Aggregate(Frozen):
    """One entrant's result over a suite; speedups are ratios, failures count as 1."""

    benchmarks: int
    failures: int
    geomean: float
    suite: Interval
    """Interval of the geometric mean on these benchmarks."""
    programs: Interval | None
    """Interval for programs like these; None for a single benchmark."""
    few_benchmarks: bool
    """True if there are too few benchmarks to say much about other programs."""
    geomean_correct: float | None
    """Geometric mean over the correct ones only; None if all failed."""
    median: float
    best: Extreme
    worst: Extreme
    shares: Shares
    fast_p: tuple[FastPoint, ...]


def aggregate(
    scores: Sequence[Score],
    *,
    seed: int,
    alpha: float = 0.05,
    thresholds: Sequence[float] = FAST_P,
) -> Aggregate:
    """Summarize one entrant's scores.

    Args:
        scores: One score for each benchmark.
        seed: Seed of the bootstrap; the same scores and seed give the same result.
        alpha: One minus the confidence of the intervals.
        thresholds: The p of the fast_p curve (Ouyang et al., KernelBench, 2025).

    Raises:
        ValueError: if there is no score, or two for one benchmark.
    """
    _check(scores)
    logs = np.array([s.effective for s in scores])
    correct = [s.log_speedup for s in scores if s.correct]
    ranked = sorted(scores, key=lambda s: (s.effective, s.benchmark))
    return Aggregate(
        benchmarks=len(scores),
        failures=len(scores) - len(correct),
        geomean=math.exp(logs.mean()),
        suite=_ratio(suite_interval(scores, alpha)),
        programs=_programs(logs, alpha, seed),
        few_benchmarks=len(scores) < FEW_BENCHMARKS,
        geomean_correct=math.exp(sum(correct) / len(correct)) if correct else None,
        median=math.exp(float(np.median(logs))),
        best=Extreme(benchmark=ranked[-1].benchmark, speedup=math.exp(ranked[-1].effective)),
        worst=Extreme(benchmark=ranked[0].benchmark, speedup=math.exp(ranked[0].effective)),
        shares=_shares(scores),
        fast_p=tuple(_fast_point(scores, p) for p in thresholds),
    )


def suite_interval(scores: Sequence[Score], alpha: float) -> Interval:
    """Return the interval of the mean log ratio on these very benchmarks.

    Raises:
        ValueError: if there is no score, or two for one benchmark.
    """
    _check(scores)
    mean = sum(s.effective for s in scores) / len(scores)
    noisy = [s for s in scores if s.correct and s.log_variance > 0.0]
    total = sum(s.log_variance for s in noisy)
    reach = 0.0
    if total > 0.0:
        # Shares of the total keep tiny variances from underflowing when squared.
        df = 1.0 / sum((s.log_variance / total) ** 2 / s.df for s in noisy)
        reach = float(stats.t.isf(alpha / 2.0, df)) * math.sqrt(total) / len(scores)
    return Interval(low=mean - reach, high=mean + reach, confidence=1.0 - alpha)


def programs_interval(logs: FloatArray, alpha: float, seed: int) -> Interval | None:
    """Return the interval of the mean log ratio over programs like these.

    Args:
        logs: Log ratio of each benchmark, shape (benchmarks,).
        alpha: One minus the confidence.
        seed: Seed of the resampling.

    Returns:
        The interval on the log scale, or None below two benchmarks.
    """
    k = len(logs)
    if k < 2:
        return None
    mean, error = float(logs.mean()), float(logs.std(ddof=1)) / math.sqrt(k)
    reach = float(stats.t.isf(alpha / 2.0, k - 1)) * error
    low, high = _bca(logs, alpha, np.random.default_rng(seed)) if np.ptp(logs) else (mean, mean)
    return Interval(
        low=min(low, mean - reach), high=max(high, mean + reach), confidence=1.0 - alpha
    )


def _bca(logs: FloatArray, alpha: float, rng: np.random.Generator) -> tuple[float, float]:
    """Return the bias-corrected and accelerated percentile interval of the mean."""
    k, mean = len(logs), logs.mean()
    means = logs[rng.integers(0, k, size=(_RESAMPLES, k))].mean(axis=1)
    below = (np.mean(means < mean) + np.mean(means <= mean)) / 2.0
    bias = stats.norm.ppf(np.clip(below, 1.0 / _RESAMPLES, 1.0 - 1.0 / _RESAMPLES))
    centred = (logs - mean) / np.abs(logs - mean).max()  # the ratio below has no unit
    acceleration = np.sum(centred**3) / (6.0 * np.sum(centred**2) ** 1.5)
    z = bias + stats.norm.ppf([alpha / 2.0, 1.0 - alpha / 2.0])
    stretch = np.maximum(1.0 - acceleration * z, 1e-3)  # at tiny alpha it could pass 0
    low, high = np.quantile(means, stats.norm.cdf(bias + z / stretch))
    return float(low), float(high)


def _programs(logs: FloatArray, alpha: float, seed: int) -> Interval | None:
    interval = programs_interval(logs, alpha, seed)
    return None if interval is None else _ratio(interval)


def _check(scores: Sequence[Score]) -> None:
    if not scores:
        raise ValueError("an aggregate needs at least one score")
    if len({s.benchmark for s in scores}) < len(scores):
        raise ValueError("an aggregate needs one score for each benchmark, got duplicates")


def _ratio(log: Interval) -> Interval:
    """Return the interval of the ratio; ends beyond any number stay finite."""
    low, high = (math.exp(min(max(end, -700.0), 700.0)) for end in (log.low, log.high))
    return Interval(low=low, high=high, confidence=log.confidence)


def _fast_point(scores: Sequence[Score], p: float) -> FastPoint:
    found = sum(s.correct and math.exp(s.log_speedup) > p for s in scores)
    return FastPoint(p=p, share=found / len(scores))


def _shares(scores: Sequence[Score]) -> Shares:
    ended = [s.decision for s in scores if s.correct]
    share = {kind: ended.count(kind) / len(scores) for kind in Decision}
    return Shares(
        faster=share[Decision.FASTER],
        slower=share[Decision.SLOWER],
        equivalent=share[Decision.EQUIVALENT] + share[Decision.IDENTICAL],
        inconclusive=share[Decision.INCONCLUSIVE] + ended.count(None) / len(scores),
        failed=1.0 - len(ended) / len(scores),
    )
