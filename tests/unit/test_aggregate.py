"""Geometric mean, its two intervals, and everything shown beside it."""

import math

import numpy as np
import pytest
from scipy import stats

from coopbench.harness.measure.aggregate import (
    Score,
    aggregate,
    programs_interval,
    suite_interval,
)
from coopbench.harness.model import Block, Decision, Interval, Launch, Measurement, Metric

MIXED = (
    Score(benchmark="a", correct=True, log_speedup=math.log(2.0), decision=Decision.FASTER),
    Score(benchmark="b", correct=True, log_speedup=math.log(0.5), decision=Decision.SLOWER),
    Score(benchmark="c", correct=False, log_speedup=9.0, decision=Decision.FASTER),
    Score(benchmark="d", correct=True, log_speedup=math.log(4.0), decision=Decision.INCONCLUSIVE),
    Score(benchmark="e", correct=True, decision=Decision.IDENTICAL),
)


def scores_of(logs: list[float], variance: float = 0.0, df: float = 20.0) -> list[Score]:
    """Correct scores with equal variances."""
    return [
        Score(benchmark=f"b{i}", correct=True, log_speedup=x, log_variance=variance, df=df)
        for i, x in enumerate(logs)
    ]


def test_failures_enter_as_ratio_one() -> None:
    """A failure counts as 1 in the main score and is left out of the second."""
    found = aggregate(MIXED, seed=1)
    assert (found.benchmarks, found.failures) == (5, 1)
    assert found.geomean == pytest.approx(4.0 ** (1 / 5))
    assert found.geomean_correct == pytest.approx(4.0 ** (1 / 4))
    assert found.median == pytest.approx(1.0)


def test_extremes_name_their_benchmarks() -> None:
    """Best and worst say where; a failure is not the best whatever it claimed."""
    found = aggregate(MIXED, seed=1)
    assert (found.best.benchmark, found.worst.benchmark) == ("d", "b")
    assert (found.best.speedup, found.worst.speedup) == pytest.approx((4.0, 0.5))


def test_shares_sum_to_one() -> None:
    """Every benchmark is in exactly one share; identical counts as equivalent."""
    shares = aggregate(MIXED, seed=1).shares
    values = (shares.faster, shares.slower, shares.equivalent, shares.inconclusive, shares.failed)
    assert values == pytest.approx((0.2,) * 5)


def test_fast_p_counts_correct_and_strictly_faster() -> None:
    """A ratio of exactly p is not above p, and failures never are."""
    curve = aggregate(MIXED, seed=1, thresholds=(0.4, 1.0, 2.0, 3.0)).fast_p
    assert [(point.p, point.share) for point in curve] == [
        (0.4, 0.8),
        (1.0, 0.4),
        (2.0, 0.2),
        (3.0, 0.2),
    ]


def test_suite_interval_matches_the_formula() -> None:
    """Variances add over K squared; equal ones of 9 df each pool to 9 K df."""
    found = suite_interval(scores_of([0.0, 0.2, 0.4, 0.6], variance=0.04, df=9.0), 0.05)
    reach = stats.t.isf(0.025, 36) * math.sqrt(4 * 0.04) / 4
    assert (found.low, found.high) == pytest.approx((0.3 - reach, 0.3 + reach))


def test_one_noisy_benchmark_sets_the_degrees_of_freedom() -> None:
    """Satterthwaite: where one variance dominates, its own few degrees of freedom count."""
    scores = scores_of([0.1, 0.1])
    scores[0] = scores[0].model_copy(update={"log_variance": 0.01, "df": 3.0})
    found = suite_interval(scores, 0.05)
    assert found.high - 0.1 == pytest.approx(stats.t.isf(0.025, 3) * 0.1 / 2)


def test_exact_counts_have_a_point_as_suite_interval() -> None:
    """Without measurement noise the suite's mean is known; other programs' is not."""
    found = aggregate(scores_of([0.0, 0.1, 0.2]), seed=1)
    assert found.suite.low == pytest.approx(found.geomean)
    assert found.suite.high == pytest.approx(found.geomean)
    assert found.programs is not None
    assert found.programs.low < found.geomean < found.programs.high


def test_failures_bring_no_variance() -> None:
    """A failure's ratio of 1 is certain, whatever was measured before it failed."""
    failed = Score(benchmark="x", correct=False, log_speedup=1.0, log_variance=9.0, df=2.0)
    found = suite_interval([failed, *scores_of([0.3])], 0.05)
    assert found.low == found.high == pytest.approx(0.15)


def test_a_single_benchmark_says_nothing_about_others() -> None:
    """K = 1 works: suite interval yes, other programs no."""
    found = aggregate(scores_of([0.3], variance=0.0004), seed=1)
    assert found.programs is None
    assert found.few_benchmarks
    assert found.geomean == pytest.approx(math.exp(0.3))
    assert found.suite.low < found.geomean < found.suite.high


def test_few_benchmarks_are_flagged() -> None:
    """Fifteen are enough to leave the flag off."""
    assert aggregate(scores_of([0.1] * 14), seed=1).few_benchmarks
    assert not aggregate(scores_of([0.1] * 15), seed=1).few_benchmarks


def test_programs_interval_is_never_narrower_than_student() -> None:
    """Each end is the outer one of Student t and the bootstrap, from two benchmarks on."""
    for k in (2, 3, 5, 10, 30):
        logs = np.random.default_rng(k).exponential(0.3, k)
        found = programs_interval(logs, 0.05, seed=1)
        low, high = stats.t.interval(0.95, k - 1, loc=logs.mean(), scale=stats.sem(logs))
        assert found is not None
        assert found.low <= low + 1e-12
        assert found.high >= high - 1e-12


def test_one_large_gain_stretches_the_upper_end_to_a_sane_length() -> None:
    """The correction for skewness widens the upper end, and no end runs off."""
    logs = np.append(np.linspace(-0.01, 0.01, 19), math.log(8.0))
    found = programs_interval(logs, 0.05, seed=1)
    low, high = stats.t.interval(0.95, 19, loc=logs.mean(), scale=stats.sem(logs))
    assert found is not None
    assert found.low == pytest.approx(low)
    assert high * 1.05 < found.high < logs.max()


def test_equal_ratios_give_a_point() -> None:
    """No spread between benchmarks, no spread in the interval, and no division by zero."""
    found = programs_interval(np.full(20, 0.2), 0.05, seed=1)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.2, 0.2))


def test_programs_interval_covers_skewed_gains() -> None:
    """Over right-skewed gains the interval of 20 benchmarks covers the mean about 93 %."""
    rng = np.random.default_rng(11)
    draws = rng.exponential(0.3, size=(150, 20))
    found = [programs_interval(x, 0.05, seed=i) for i, x in enumerate(draws)]
    covered = np.mean([f is not None and f.low <= 0.3 <= f.high for f in found])
    assert 0.88 <= covered <= 0.98


def test_same_seed_same_result() -> None:
    """The bootstrap is reproducible, and does depend on its seed."""
    scores = scores_of(list(np.random.default_rng(1).exponential(0.5, 20)))
    assert aggregate(scores, seed=5) == aggregate(scores, seed=5)
    assert aggregate(scores, seed=5).programs != aggregate(scores, seed=6).programs


def test_nothing_to_aggregate_is_refused() -> None:
    """No score, or two for one benchmark, is a mistake of the caller."""
    with pytest.raises(ValueError, match="at least one"):
        aggregate([], seed=1)
    with pytest.raises(ValueError, match="duplicates"):
        aggregate([MIXED[0], MIXED[0]], seed=1)


def measured(costs: list[tuple[float, float]], **change: object) -> Measurement:
    """A measurement from pairs of costs."""
    blocks = tuple(
        Block(
            index=i,
            first="baseline",
            input_seed=i,
            launches=(Launch(arm="baseline", value=b), Launch(arm="candidate", value=c)),
            outputs_agree=True,
            started_at=0.0,
        )
        for i, (b, c) in enumerate(costs)
    )
    fields: dict[str, object] = {
        "metric": Metric.CPU_SECONDS,
        "decision": Decision.FASTER,
        "speedup": 1.5,
        "interval": Interval(low=1.4, high=1.6, confidence=0.95),
        "blocks": blocks,
    }
    return Measurement.model_validate(fields | change)


def test_a_score_takes_estimate_and_variance_from_its_measurement() -> None:
    """The variance is that of the mean log ratio over blocks, on blocks - 1 df."""
    score = Score.of("a", measured([(2.0, 1.0), (3.0, 2.0), (1.5, 1.0)]))
    logs = np.log([2.0, 1.5, 1.5])
    assert (score.correct, score.decision, score.df) == (True, Decision.FASTER, 2.0)
    assert score.log_speedup == pytest.approx(math.log(1.5))
    assert score.log_variance == pytest.approx(stats.sem(logs) ** 2)


def test_scores_of_special_measurements() -> None:
    """Identical binaries are exactly 1, exact counts have no variance, nothing is a failure."""
    identical = measured([], decision=Decision.IDENTICAL, speedup=None, interval=None)
    assert Score.of("a", identical) == Score(
        benchmark="a", correct=True, decision=Decision.IDENTICAL
    )
    counted = Score.of("a", measured([], metric=Metric.INSTRUCTIONS))
    assert (counted.correct, counted.log_variance) == (True, 0.0)
    assert not Score.of("a", None).correct
    assert not Score.of("a", measured([], speedup=None)).correct
    with pytest.raises(ValueError, match="too few blocks"):
        Score.of("a", measured([(1.0, 1.0)]))
