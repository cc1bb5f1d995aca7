"""Error rates, power and coverage, by seeded simulation of a noisy machine.

The noise is that of the project's design study: slow drift (AR(1), sd 3 %), white noise of
0.8 %, and spikes on 5 % of launches. The study left the drift's correlation and the spikes'
size open; 0.95 from launch to launch and exponential spikes of 14.6 % reproduce its sd of 6.7 %
for a pair's log ratio. Each test names the study's figure it is held against.
"""

import math

import numpy as np
import pytest
from scipy import stats

from coopbench.harness.measure.decision import State, StopRule, decide
from coopbench.harness.measure.eprocess import FloatArray, log_e_paths
from coopbench.harness.measure.sequence import confidence_sequence
from coopbench.harness.model import Decision

BLOCKS = 100
RUNS = 4000
THRESHOLD = -math.log(0.05)
FAMILY_THRESHOLD = -math.log(0.05 / 30)


def drift(rng: np.random.Generator, launches: int, runs: int) -> FloatArray:
    """A stationary AR(1) process of sd 3 % and correlation 0.95, shape (launches, runs)."""
    x = rng.normal(size=(launches, runs))
    for i in range(1, launches):
        x[i] = 0.95 * x[i - 1] + math.sqrt(1.0 - 0.95**2) * x[i]
    return np.multiply(0.03, x)


def log_costs(rng: np.random.Generator, launches: int, runs: int) -> FloatArray:
    """Log costs of consecutive launches of one program, shape (launches, runs)."""
    white = 0.008 * rng.normal(size=(launches, runs))
    spikes = (rng.random((launches, runs)) < 0.05) * rng.exponential(0.146, (launches, runs))
    return drift(rng, launches, runs) + white + spikes


def paired(seed: int, runs: int = RUNS, blocks: int = BLOCKS) -> FloatArray:
    """Log ratios of randomly ordered pairs of the same program, shape (blocks, runs)."""
    rng = np.random.default_rng(seed)
    pairs = log_costs(rng, 2 * blocks, runs).reshape(blocks, 2, runs)
    ratios: FloatArray = (pairs[:, 0] - pairs[:, 1]) * rng.choice((1.0, -1.0), (blocks, runs))
    return ratios


def rejected(d: FloatArray, threshold: float = THRESHOLD) -> tuple[float, float]:
    """Share of runs rejected at any look, and the median block of their first rejection."""
    hit = np.greater_equal(log_e_paths(d), threshold)
    found = hit.any(axis=0)
    return float(found.mean()), float(np.median(hit.argmax(axis=0)[found]) + 1)


def peeking_t_rejections(d: FloatArray, first_look: int = 3) -> float:
    """Share of runs in which a paired t test after every block is below 5 % at any look."""
    n = np.arange(1, len(d) + 1)[:, np.newaxis]
    mean = np.cumsum(d, axis=0) / n
    squares = np.cumsum(d**2, axis=0) - n * mean**2
    looks = slice(first_look - 1, None)
    error = np.sqrt(squares[looks] / (n[looks] - 1) / n[looks])
    p = 2.0 * stats.t.sf(np.abs(mean[looks]) / error, n[looks] - 1)
    return float(np.less(p, 0.05).any(axis=0).mean())


@pytest.fixture(scope="module")
def null() -> FloatArray:
    """Log ratios without any effect."""
    return paired(seed=1)


def test_the_noise_is_that_of_the_study(null: FloatArray) -> None:
    """A pair's log ratio has sd 6.7 % and tails far heavier than Gaussian."""
    assert null.std() == pytest.approx(0.067, rel=0.05)
    assert stats.kurtosis(null, axis=None) > 10.0


def test_peeking_does_not_inflate_the_error_rate(null: FloatArray) -> None:
    """False positives with a look after every pair: at most 5 %, near the study's 2.0 %."""
    share, _ = rejected(null)
    assert 0.01 <= share <= 0.04


def test_peeking_inflates_the_paired_t_test(null: FloatArray) -> None:
    """The contrast: the study's 22 % for a paired t looked at after every pair."""
    assert 0.18 <= peeking_t_rejections(null) <= 0.28


def test_unpaired_phases_fail_under_drift() -> None:
    """All A then all B, 30 launches each: Welch's t is wrong about half of the time (46 %)."""
    x = log_costs(np.random.default_rng(2), 60, RUNS)
    p = stats.ttest_ind(x[:30], x[30:], axis=0, equal_var=False).pvalue
    assert float(np.mean(p < 0.05)) > 0.35


def test_error_rate_under_hostile_noise() -> None:
    """At most 5 % with Cauchy tails, changing scale, and magnitudes an adversary would pick."""
    rng = np.random.default_rng(3)
    signs = rng.choice((1.0, -1.0), (BLOCKS, RUNS))
    growing = np.geomspace(1.0, 1e6, BLOCKS)[:, np.newaxis]
    bursts = np.where(np.arange(BLOCKS)[:, np.newaxis] % 10 < 5, 1e-3, 1.0)
    for size in (
        np.abs(rng.standard_cauchy((BLOCKS, RUNS))),
        np.abs(rng.normal(size=(BLOCKS, RUNS))) * growing,
        np.abs(rng.normal(size=(BLOCKS, RUNS))) * bursts,
        np.broadcast_to(growing, (BLOCKS, RUNS)),
        np.ones((BLOCKS, RUNS)),
    ):
        assert rejected(size * signs)[0] <= 0.05


def test_error_rate_when_the_adversary_sees_the_past() -> None:
    """Magnitudes may depend on all earlier signs: still at most 5 %."""
    rng = np.random.default_rng(4)
    signs = rng.choice((1.0, -1.0), (BLOCKS, RUNS))
    lead = np.cumsum(signs, axis=0) - signs
    ahead = np.where(np.abs(lead) > 3.0, 4.0, 1.0)
    assert rejected(ahead * signs)[0] <= 0.05


@pytest.mark.parametrize(
    ("effect", "power", "median_stop"),
    [
        (0.005, (0.38, 0.58), (45, 70)),  # study: 48 %
        (0.010, (0.95, 1.00), (28, 42)),  # study: 98.5 %, median 35
        (0.020, (0.99, 1.00), (14, 22)),  # study: 100 %, median 18
        (0.030, (0.99, 1.00), (13, 19)),  # study: 100 %, median 16
    ],
)
def test_power_matches_the_study(
    null: FloatArray, effect: float, power: tuple[float, float], median_stop: tuple[int, int]
) -> None:
    """Effects of 0.5 to 3 % are found as often and as soon as the study found them."""
    share, stop = rejected(null + effect)
    assert power[0] <= share <= power[1]
    assert median_stop[0] <= stop <= median_stop[1]


@pytest.mark.parametrize(
    ("effect", "power", "median_stop"),
    [
        (0.01, (0.78, 0.94), (50, 70)),  # study: 85 %, median 59
        (0.02, (0.99, 1.00), (24, 36)),  # study: 100 %, median 31
    ],
)
def test_power_under_bonferroni_matches_the_study(
    null: FloatArray, effect: float, power: tuple[float, float], median_stop: tuple[int, int]
) -> None:
    """With 30 benchmarks (threshold 600) a 1 % effect is mostly found, a 2 % one always."""
    share, stop = rejected(null + effect, FAMILY_THRESHOLD)
    assert power[0] <= share <= power[1]
    assert median_stop[0] <= stop <= median_stop[1]


def test_robust_scores_beat_the_mean_under_spikes(null: FloatArray) -> None:
    """A paired t test at the last block alone finds a 1 % effect half as often (33 %)."""
    p = stats.ttest_1samp(null + 0.01, 0.0, axis=0).pvalue
    assert float(np.mean(p < 0.05)) < 0.55


def test_confidence_sequence_covers_at_all_looks_at_once() -> None:
    """Under drift, autocorrelation and spikes the true ratio stays inside at every look."""
    truth = 0.013
    d = paired(seed=5, runs=300, blocks=60) + truth
    covered = 0
    for run in d.T:
        found = [confidence_sequence(run[:n], 0.05) for n in (16, 25, 40, 60)]
        covered += all(f is None or f.low <= truth <= f.high for f in found)
    assert covered / d.shape[1] >= 0.95


def stop_of(d: FloatArray, rule: StopRule) -> State:
    """Sample block by block, looking after every fourth one, until the rule stops."""
    state = decide(d[: rule.min_blocks], rule)
    n = rule.min_blocks
    while not state.stop:
        n = min(n + 4, rule.max_blocks)
        state = decide(d[:n], rule)
    return state


def test_whole_rule_makes_few_false_claims() -> None:
    """Stopping when the data look best, 5 % at most of A/A comparisons are called different."""
    rule = StopRule(max_blocks=60)
    states = [stop_of(d, rule) for d in paired(seed=6, runs=150, blocks=60).T]
    claims = sum(s.decision in (Decision.FASTER, Decision.SLOWER) for s in states)
    assert claims <= 0.05 * len(states)


def test_quiet_null_ends_equivalent_and_narrow() -> None:
    """A/A at 1.7 % noise: half-width at most 1 % by 45 blocks, nearly all end equivalent."""
    rng = np.random.default_rng(7)
    d = rng.normal(0.0, 0.017, size=(100, 80))
    at_45 = [confidence_sequence(x[:45], 0.05) for x in d.T]
    narrow = [f is not None and f.high - f.low <= 0.02 for f in at_45]
    assert np.mean(narrow) >= 0.9
    states = [stop_of(x, StopRule()) for x in d.T]
    assert np.mean([s.decision is Decision.EQUIVALENT for s in states]) >= 0.9
    assert np.median([s.blocks for s in states]) <= 52


def test_planted_two_percent_is_found() -> None:
    """A 2 % slowdown at 2.8 % noise is called slower in at least 10 of 12 by 100 blocks."""
    d = np.random.default_rng(8).normal(-math.log(1.02), 0.028, size=(100, 60))
    states = [stop_of(x, StopRule()) for x in d.T]
    assert np.mean([s.decision is Decision.SLOWER for s in states]) >= 10 / 12
    assert not any(s.decision is Decision.FASTER for s in states)
