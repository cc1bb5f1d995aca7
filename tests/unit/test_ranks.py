"""Tie tiers, paired comparisons and rank intervals."""

import itertools
import math
from collections.abc import Iterable

import numpy as np
import pytest

from coopbench.harness.measure.aggregate import Score
from coopbench.harness.measure.ranks import Entry, Ranking, rank, sign_flip_p


def entry(name: str, logs: Iterable[float]) -> Entry:
    """An entrant with a score for each log ratio."""
    return Entry(
        entrant=name,
        scores=tuple(
            Score(benchmark=f"b{i:02}", correct=True, log_speedup=float(x))
            for i, x in enumerate(logs)
        ),
    )


def tiers(ranking: Ranking) -> dict[str, int]:
    """Entrant to tier."""
    return {s.entrant: s.tier for s in ranking.standings}


def test_clear_differences_make_tiers_and_noise_makes_ties() -> None:
    """Two near-equal leaders share the top tier; a far worse one does not."""
    rng = np.random.default_rng(1)
    base = rng.normal(0.5, 0.3, 20)
    ranking = rank(
        [
            entry("slow", base - 0.4 + rng.normal(0, 0.02, 20)),
            entry("fast", base),
            entry("twin", base + rng.normal(0, 0.02, 20)),
        ],
        seed=3,
    )
    found = tiers(ranking)
    assert found["fast"] == found["twin"] == 1
    assert found["slow"] == 2
    slow = ranking.standings[-1]
    assert (slow.entrant, slow.rank, slow.rank_low, slow.rank_high) == ("slow", 3, 3, 3)
    assert slow.first_share == 0.0


def test_pairing_separates_what_marginal_spread_would_hide() -> None:
    """A small but constant gain over hugely different benchmarks is told apart."""
    base = np.random.default_rng(2).normal(0.0, 3.0, 20)
    ranking = rank([entry("a", base), entry("b", base + 0.01)], seed=1)
    assert tiers(ranking) == {"b": 1, "a": 2}
    (pair,) = ranking.comparisons
    assert (pair.better, pair.worse) == ("b", "a")
    assert pair.ratio == pytest.approx(math.exp(0.01))


def test_holm_runs_over_all_pairs() -> None:
    """What one pair alone would show is not claimed among many."""
    rng = np.random.default_rng(5)
    logs = rng.normal(0.0, 0.1, size=(6, 12))
    ranking = rank([entry(f"e{i}", x) for i, x in enumerate(logs)], seed=1)
    assert len(ranking.comparisons) == 15
    assert min(c.p_value for c in ranking.comparisons) <= 0.05
    assert set(tiers(ranking).values()) == {1}


def test_tiers_use_the_corrected_p() -> None:
    """Six wins out of six separate two entrants (p = 2/64), but not among three pairs."""
    ahead, behind = entry("a", [1.0] * 6), entry("b", [0.0] * 6)
    assert tiers(rank([ahead, behind], seed=1)) == {"a": 1, "b": 2}
    third = entry("c", [0.5, -0.5, 0.4, -0.4, 0.1, -0.2])
    assert set(tiers(rank([ahead, behind, third], seed=1)).values()) == {1}


def test_a_tier_is_compared_with_its_own_best() -> None:
    """Two ties far behind the leader share one tier below it."""
    rng = np.random.default_rng(6)
    base = rng.normal(0.5, 0.3, 20)
    behind = base - 1.0
    found = rank(
        [entry("a", base), entry("b", behind), entry("c", behind + rng.normal(-0.01, 0.1, 20))],
        seed=1,
    )
    assert sorted(tiers(found).values()) == [1, 2, 2]


def test_equal_entrants_share_a_rank() -> None:
    """Identical scores: same rank, same tier, p = 1, both always first."""
    ranking = rank([entry("b", [0.1, 0.2, 0.3]), entry("a", [0.1, 0.2, 0.3])], seed=1)
    assert [(s.entrant, s.rank, s.tier) for s in ranking.standings] == [("a", 1, 1), ("b", 1, 1)]
    assert [(s.rank_low, s.rank_high, s.first_share) for s in ranking.standings] == [
        (1, 2, 1.0)
    ] * 2
    assert ranking.comparisons[0].p_value == 1.0


def test_one_benchmark_bounds_no_rank() -> None:
    """A single benchmark supports any rank and separates nobody."""
    ranking = rank([entry("a", [5.0]), entry("b", [0.0])], seed=1)
    assert [(s.rank_low, s.rank_high, s.tier) for s in ranking.standings] == [(1, 2, 1)] * 2
    assert ranking.few_benchmarks


def test_one_entrant_is_first() -> None:
    """A ranking of one needs no comparison."""
    ranking = rank([entry("a", [0.0, 0.1])], seed=1)
    (only,) = ranking.standings
    assert (only.rank, only.tier, only.rank_low, only.rank_high) == (1, 1, 1, 1)
    assert ranking.comparisons == ()


def test_only_shared_benchmarks_count() -> None:
    """An entrant is not ahead because the others were measured on more."""
    long = entry("a", [0.1, 0.1, -9.0])
    short = entry("b", [0.0, 0.0])
    ranking = rank([long, short], seed=1)
    assert ranking.benchmarks == 2
    assert ranking.standings[0].entrant == "a"


def test_failures_count_as_ratio_one() -> None:
    """An entrant that fails where another is slower than the baseline ranks above it."""
    failing = Entry(entrant="f", scores=(Score(benchmark="b00", correct=False, log_speedup=-3.0),))
    ranking = rank([entry("s", [-0.2]), failing], seed=1)
    assert ranking.standings[0].entrant == "f"
    assert ranking.standings[0].geomean == 1.0


def test_unusable_entries_are_refused() -> None:
    """No entrant, two of one name, and nothing in common are mistakes of the caller."""
    with pytest.raises(ValueError, match="different names"):
        rank([], seed=1)
    with pytest.raises(ValueError, match="different names"):
        rank([entry("a", [0.0]), entry("a", [0.0])], seed=1)
    with pytest.raises(ValueError, match="all entrants"):
        rank([entry("a", [0.0]), Entry(entrant="b", scores=())], seed=1)


def test_exact_sign_flip_p_equals_enumeration() -> None:
    """For few values the p-value is the share of all sign patterns at least as extreme."""
    for tenths in ((3, -1, 2, 4, 1), (-4, 6, 3, -9, -2), (1, 1, 1, 1, -2)):
        sums = [
            abs(sum(s * x for s, x in zip(signs, tenths, strict=True)))
            for signs in itertools.product((1, -1), repeat=5)
        ]
        expected = sum(total >= abs(sum(tenths)) for total in sums) / 32
        d = np.array([tenths]) / 10
        assert sign_flip_p(d, np.random.default_rng(1))[0] == expected


def test_sampled_sign_flip_p_is_valid_and_never_zero() -> None:
    """Under symmetric differences p <= 5 % happens about 5 % of the time."""
    rng = np.random.default_rng(4)
    p = sign_flip_p(rng.standard_t(3, size=(600, 20)), rng)
    assert 0.03 <= (p <= 0.05).mean() <= 0.07
    assert 0.0 < sign_flip_p(np.ones((1, 30)), rng)[0] < 1e-3
