"""Ranking of entrants that tells ties from differences.

Entrants are compared in pairs on the same benchmarks. Under `no difference` the sign of each
benchmark's difference of log ratios is a fair coin, which gives the sign-flip randomization
test of the mean difference (Fisher, The Design of Experiments, 1935; Pitman 1937); Holm's
correction runs over all pairs. Rank intervals are percentiles over resampled benchmarks
(Goldstein and Spiegelhalter, JRSS A 159, 1996). Both speak about programs like these, not
about another measurement of the same ones.
"""

import itertools
import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from coopbench.harness.base import Frozen
from coopbench.harness.measure.aggregate import FEW_BENCHMARKS, Score
from coopbench.harness.measure.eprocess import FloatArray
from coopbench.harness.measure.multiplicity import holm

_EXACT = 14  # up to so many benchmarks all sign patterns are tried
_FLIPS = 20_000
_RESAMPLES = 4_000
_DIGITS = 12  # of a sum of logs; what differs beyond is rounding


class Entry(Frozen):
    """An entrant with its scores, one for each benchmark."""

    entrant: str
    scores: tuple[Score, ...]


class Comparison(Frozen):
    """Two entrants on the same benchmarks."""

    better: str
    """The one with the higher geometric mean (the first by name, if they are equal)."""
    worse: str
    ratio: float
    """Geometric mean of speedup(better) / speedup(worse)."""
    p_value: float
    adjusted_p: float
    """Holm-adjusted over all pairs."""


class Standing(Frozen):
    """An entrant's place."""

    entrant: str
    geomean: float
    rank: int
    """1 is best; equal geometric means share a rank."""
    tier: int
    """Entrants of a tier are not told apart from the tier's best; 1 is the top tier."""
    rank_low: int
    """Best rank that resampled benchmarks support."""
    rank_high: int
    """Worst rank that resampled benchmarks support."""
    first_share: float
    """Share of resampled suites in which it is (or shares) first."""


class Ranking(Frozen):
    """Standings, best first, and every comparison behind the tiers."""

    benchmarks: int
    """Benchmarks that all entrants have a score for; only these count."""
    few_benchmarks: bool
    """True if there are too few to say much about other programs."""
    alpha: float
    standings: tuple[Standing, ...]
    comparisons: tuple[Comparison, ...]


def rank(entries: Sequence[Entry], *, seed: int, alpha: float = 0.05) -> Ranking:
    """Rank entrants by geometric mean over the benchmarks they share.

    Args:
        entries: One for each entrant; a failed trial is a score too and counts as ratio 1.
        seed: Seed of the resampling; the same entries and seed give the same result.
        alpha: Family-wise error of the tiers, and one minus the confidence of rank intervals.

    Raises:
        ValueError: if there is no entrant, two of one name, or no shared benchmark.
    """
    logs, names = _table(entries)
    rng = np.random.default_rng(seed)
    means = logs.mean(axis=1).round(_DIGITS)
    order = sorted(range(len(names)), key=lambda i: (-means[i], names[i]))
    logs, names, means = logs[order], [names[i] for i in order], means[order]
    comparisons = _compare(logs, names, rng)
    tiers = _tiers(names, comparisons, alpha)
    low, high, first = _rank_intervals(logs, alpha, rng)
    ranks = stats.rankdata(-means, method="min")
    standings = tuple(
        Standing(
            entrant=name,
            geomean=math.exp(means[i]),
            rank=int(ranks[i]),
            tier=tiers[i],
            rank_low=int(low[i]),
            rank_high=int(high[i]),
            first_share=float(first[i]),
        )
        for i, name in enumerate(names)
    )
    return Ranking(
        benchmarks=logs.shape[1],
        few_benchmarks=logs.shape[1] < FEW_BENCHMARKS,
        alpha=alpha,
        standings=standings,
        comparisons=comparisons,
    )


def sign_flip_p(differences: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return two-sided sign-flip p-values of zero mean.

    Exact for up to 14 values; beyond, by random flips with the observed pattern counted in, so
    that p is never 0 and still valid (Phipson and Smyth, 2010).

    Args:
        differences: Paired differences, shape (tests, values).
        rng: Source of the random flips, shared by all tests.
    """
    k = differences.shape[1]
    if k <= _EXACT:
        bits = np.arange(1 << k)[:, np.newaxis] >> np.arange(k) & 1
        signs = 1.0 - 2.0 * bits  # the observed pattern is row 0
    else:
        signs = rng.choice((1.0, -1.0), size=(_FLIPS + 1, k))
        signs[0] = 1.0
    sums = np.abs(differences @ signs.T).round(_DIGITS)
    p: FloatArray = (sums >= sums[:, :1]).mean(axis=1)
    return p


def _table(entries: Sequence[Entry]) -> tuple[FloatArray, list[str]]:
    """Return log ratios, shape (entrants, shared benchmarks), and the entrants' names."""
    names = [e.entrant for e in entries]
    if not names or len(set(names)) < len(names):
        raise ValueError("a ranking needs entrants of different names")
    columns = [{s.benchmark: s.effective for s in e.scores} for e in entries]
    shared = sorted(set.intersection(*(set(c) for c in columns)))
    if not shared:
        raise ValueError("a ranking needs a benchmark that all entrants have a score for")
    return np.array([[c[b] for b in shared] for c in columns]), names


def _compare(
    logs: FloatArray, names: Sequence[str], rng: np.random.Generator
) -> tuple[Comparison, ...]:
    pairs = list(itertools.combinations(range(len(names)), 2))
    if not pairs:
        return ()
    differences = np.array([logs[i] - logs[j] for i, j in pairs])
    p_values = [float(p) for p in sign_flip_p(differences, rng)]
    adjusted = holm(p_values)
    return tuple(
        Comparison(
            better=names[i],
            worse=names[j],
            ratio=math.exp(differences[n].mean()),
            p_value=p_values[n],
            adjusted_p=adjusted[n],
        )
        for n, (i, j) in enumerate(pairs)
    )


def _tiers(names: Sequence[str], comparisons: Sequence[Comparison], alpha: float) -> list[int]:
    """Open a new tier at the first entrant that is told apart from the current tier's best."""
    told_apart = {(c.better, c.worse) for c in comparisons if c.adjusted_p <= alpha}
    tiers: list[int] = []
    leader, tier = names[0], 1
    for name in names:
        if (leader, name) in told_apart:
            leader, tier = name, tier + 1
        tiers.append(tier)
    return tiers


def _rank_intervals(
    logs: FloatArray, alpha: float, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return lowest rank, highest rank and share of first places for each entrant."""
    entrants, k = logs.shape
    drawn = rng.multinomial(k, np.full(k, 1.0 / k), size=_RESAMPLES)
    means = (drawn @ logs.T / k).round(_DIGITS)
    ranks = stats.rankdata(-means, method="min", axis=1)
    first = (ranks == 1).mean(axis=0)
    if k < 2:  # one benchmark resampled is the same one: it bounds nothing
        return np.ones(entrants), np.full(entrants, float(entrants)), first
    worst = stats.rankdata(-means, method="max", axis=1)
    lowest = np.quantile(ranks, alpha / 2.0, axis=0, method="lower")
    highest = np.quantile(worst, 1.0 - alpha / 2.0, axis=0, method="higher")
    return lowest, highest, first
