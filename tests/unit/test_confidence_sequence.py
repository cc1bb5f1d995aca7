"""The confidence sequence and its point estimate on known data."""

import itertools
import math
import statistics

import numpy as np
import pytest

from coopbench.harness.measure.eprocess import FloatArray, log_e_paths
from coopbench.harness.measure.sequence import confidence_sequence, hodges_lehmann

SHAPES = ("normal", "cauchy", "integers", "two_clusters", "trend")


def sample(shape: str, rng: np.random.Generator) -> FloatArray:
    """Draw 14 to 69 values of a given shape."""
    n = int(rng.integers(14, 70))
    if shape == "normal":
        return rng.normal(size=n)
    if shape == "cauchy":
        return rng.standard_t(1.5, size=n)
    if shape == "integers":
        return rng.integers(-3, 4, size=n).astype(float)
    if shape == "two_clusters":
        return np.where(rng.random(n) < 0.5, 0.0, 1.0) + 0.01 * rng.normal(size=n)
    return np.linspace(0.0, 2.0, n) + 0.3 * rng.normal(size=n)


@pytest.mark.parametrize("shape", SHAPES)
def test_interval_holds_every_theta_that_was_never_rejected(shape: str) -> None:
    """Against a grid of thousands of theta, nothing accepted is left out and little is added."""
    rng = np.random.default_rng(SHAPES.index(shape))
    for _ in range(6):
        d = sample(shape, rng)
        found = confidence_sequence(d, 0.05)
        spread = np.ptp(d)
        inner = np.quantile(d, np.linspace(0.0, 1.0, 1501))
        grid = np.unique(np.concatenate([np.linspace(-9.0, 9.0, 5001) * spread, inner]))
        peaks = log_e_paths(d[:, np.newaxis] - grid).max(axis=0)
        accepted = grid[peaks < -math.log(0.05)]
        if found is None:
            assert len(accepted) == 0
            continue
        assert found.low <= accepted[0]
        assert accepted[-1] <= found.high
        slack = 0.02 * (accepted[-1] - accepted[0]) + 0.01 * spread
        assert found.low >= accepted[0] - slack
        assert found.high <= accepted[-1] + slack


def test_too_few_blocks_have_no_bounded_interval() -> None:
    """Below 14 blocks no theta far away can be rejected at alpha = 0.05."""
    d = np.random.default_rng(1).normal(size=14)
    assert confidence_sequence(d[:0], 0.05) is None
    assert confidence_sequence(d[:13], 0.05) is None
    assert confidence_sequence(d, 0.05) is not None


def test_constant_data_give_a_point() -> None:
    """A cost ratio that repeats exactly is known exactly, once far ratios are rejected."""
    found = confidence_sequence(np.full(30, 0.25), 0.05)
    assert found is not None
    assert found.low == found.high == 0.25
    assert confidence_sequence(np.full(8, 0.25), 0.05) is None


def test_mostly_ties_give_a_narrow_interval_that_holds_the_tie() -> None:
    """A quantized clock puts most ratios on one value; that value is never lost between points."""
    d = np.zeros(60)
    d[5::12] = 0.01
    d[11::12] = -0.01
    found = confidence_sequence(d, 0.05)
    assert found is not None
    assert found.low <= 0.0 <= found.high
    assert found.high - found.low < 0.01


def test_data_that_reject_every_constant_ratio_have_no_interval() -> None:
    """An effect that jumps leaves no ratio unrejected; the answer is unbounded, never empty."""
    rng = np.random.default_rng(2)
    d = np.concatenate([rng.normal(0.0, 0.01, 60), rng.normal(1.0, 0.01, 200)])
    grid = np.linspace(-1.0, 2.0, 3001)
    assert (log_e_paths(d[:, np.newaxis] - grid).max(axis=0) >= -math.log(0.05)).all()
    assert confidence_sequence(d, 0.05) is None


def test_a_set_between_the_grid_points_is_found() -> None:
    """An effect that drifts a little leaves a sliver of ratios, which is found all the same."""
    for seed in (62, 125, 271, 594):
        d = np.random.default_rng(seed).normal(0.0, 0.2, 45)
        d[18:] += 0.3
        grid = np.linspace(-0.2, 0.3, 5001)
        accepted = grid[log_e_paths(d[:, np.newaxis] - grid).max(axis=0) < -math.log(0.05)]
        found = confidence_sequence(d, 0.05)
        assert found is not None
        assert found.low <= accepted[0] <= accepted[-1] <= found.high
        assert found.high - found.low < 0.05


def test_smaller_alpha_gives_a_wider_interval() -> None:
    """More confidence costs width."""
    d = np.random.default_rng(4).normal(size=60)
    wide, narrow = confidence_sequence(d, 0.001), confidence_sequence(d, 0.05)
    assert wide is not None
    assert narrow is not None
    assert wide.low < narrow.low < narrow.high < wide.high
    assert narrow.confidence == 0.95


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, math.nan])
def test_alpha_out_of_range_is_refused(alpha: float) -> None:
    """An error probability lies strictly between 0 and 1."""
    with pytest.raises(ValueError, match="alpha"):
        confidence_sequence(np.ones(20), alpha)


def test_non_finite_values_are_refused_even_when_few() -> None:
    """The check does not depend on having enough blocks."""
    with pytest.raises(ValueError, match="finite"):
        confidence_sequence(np.array([math.nan]), 0.05)


def test_hodges_lehmann_is_the_median_of_walsh_averages() -> None:
    """The estimate equals its definition, and one wild value hardly moves it."""
    d = [0.3, -0.1, 0.2, 0.25, 40.0]
    pairs = itertools.combinations_with_replacement(d, 2)
    assert hodges_lehmann(np.array(d)) == statistics.median((a + b) / 2 for a, b in pairs)
    assert hodges_lehmann(np.array([0.7])) == 0.7
    with pytest.raises(ValueError, match="at least one"):
        hodges_lehmann(np.array([]))
