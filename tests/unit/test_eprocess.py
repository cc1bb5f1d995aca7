"""The sign-flip e-process against its defining formula."""

import math
import statistics

import numpy as np
import pytest

from coopbench.harness.measure import eprocess


def reference_log_e(d: list[float]) -> list[float]:
    """Follow the published definition term by term, one bet and one block at a time."""
    path = []
    products = {sign * bet: 1.0 for bet in (0.1, 0.2, 0.4, 0.8) for sign in (1, -1)}
    for i, value in enumerate(d):
        if i >= 4 and value != 0.0:
            scale = statistics.median(abs(x) for x in d[:i])
            u = math.copysign(2.0, value) if scale == 0.0 else max(-2.0, min(2.0, value / scale))
            for bet in products:
                products[bet] *= math.exp(bet * u) / math.cosh(bet * u)
        path.append(math.log(statistics.fmean(products.values())))
    return path


@pytest.mark.parametrize("seed", range(5))
def test_path_equals_the_definition(seed: int) -> None:
    """The vectorized log-space path is the mean over eight bets of the products of factors."""
    rng = np.random.default_rng(seed)
    d = rng.standard_t(2, size=40) * 0.02 + 0.01
    d[rng.random(40) < 0.2] = 0.0
    assert eprocess.log_e_path(d) == pytest.approx(reference_log_e(list(d)), abs=1e-10)


def test_first_four_blocks_give_no_evidence() -> None:
    """Blocks that only set the scale leave E at 1, however large.

    The fifth cannot move it either: without a direction so far, both are bet on alike.
    """
    path = eprocess.log_e_path(np.full(6, 9.0))
    assert list(path[:5]) == [0.0] * 5
    assert path[5] > 0.0


def test_scale_is_known_before_the_block() -> None:
    """A block's magnitude beyond the clip does not matter to its own score."""
    early = [0.01, -0.012, 0.011, -0.009]
    big = eprocess.log_e_path(np.array([*early, 0.03]))
    huge = eprocess.log_e_path(np.array([*early, 30.0]))
    assert big[-1] == huge[-1]


def test_exact_ties_give_no_evidence() -> None:
    """A log ratio of exactly 0 has no sign and moves nothing, even when all are ties."""
    assert not eprocess.log_e_path(np.zeros(50)).any()
    some = np.array([0.01, -0.01, 0.02, 0.01, 0.02, 0.0, 0.0])
    path = eprocess.log_e_path(np.append(some, 0.03))
    assert path[4] == path[5] == path[6] != path[7]


def test_zero_scale_sends_a_value_to_the_clip() -> None:
    """After ties only, a nonzero value scores +-2, and opposite signs undo each other's sum."""
    ties = [0.0] * 5
    bets = (0.1, 0.2, 0.4, 0.8)
    same = statistics.fmean(math.cosh(4 * bet) / math.cosh(2 * bet) ** 2 for bet in bets)
    opposite = statistics.fmean(1.0 / math.cosh(2 * bet) ** 2 for bet in bets)
    agreeing = eprocess.log_e_path(np.array([*ties, 1e-9, 7.0]))
    contrary = eprocess.log_e_path(np.array([*ties, 1e-9, -7.0]))
    assert agreeing[-1] == pytest.approx(math.log(same), abs=1e-12)
    assert contrary[-1] == pytest.approx(math.log(opposite), abs=1e-12)


def test_center_shifts_the_hypothesis() -> None:
    """The process about c is the process about 0 of the values minus c, scale included."""
    d = np.random.default_rng(3).normal(0.05, 0.02, 30)
    assert eprocess.log_e_path(d, 0.05) == pytest.approx(eprocess.log_e_path(d - 0.05))


def test_long_sequences_do_not_overflow() -> None:
    """Log space carries evidence far beyond what exp() can, and p stays above 0."""
    d = np.full(5000, 0.1)
    path = eprocess.log_e_path(d)
    assert np.isfinite(path).all()
    assert path[-1] > 2000.0
    assert 0.0 < eprocess.anytime_p(d) < 1e-300


def test_p_is_one_without_evidence() -> None:
    """No block, or none beyond the scale, gives p = 1."""
    assert eprocess.anytime_p(np.array([])) == 1.0
    assert eprocess.anytime_p(np.ones(4)) == 1.0


def test_p_is_the_inverse_of_the_largest_e() -> None:
    """The running maximum counts, not the last value."""
    d = np.array([0.01] * 20 + [-0.01] * 40)
    path = eprocess.log_e_path(d)
    assert path[-1] < path.max()
    assert eprocess.anytime_p(d) == pytest.approx(math.exp(-path.max()))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_non_finite_values_are_refused(bad: float) -> None:
    """A log ratio that is no number cannot be judged."""
    with pytest.raises(ValueError, match="finite"):
        eprocess.log_e_path(np.array([0.0, bad]))
