"""Minimum detectable effects against the textbook and against each other."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from coopbench.harness.measure.eprocess import log_e_paths
from coopbench.harness.measure.power import blocks_needed, mde, planned_mde


def test_planned_effect_is_the_textbook_formula() -> None:
    """At sd 2.8 %, 61 pairs detect 1 %: 2.8 sd / sqrt(n)."""
    assert planned_mde(0.028, 61, 0.05) == pytest.approx(0.01, rel=0.02)
    assert planned_mde(0.02, 100, 0.05, power=0.5) == pytest.approx(
        math.expm1(1.959964 * 0.002), rel=1e-6
    )


@pytest.mark.parametrize(("blocks", "alpha"), [(30, 0.05), (60, 0.05), (60, 0.05 / 15)])
def test_the_promised_power_is_kept(blocks: int, alpha: float) -> None:
    """At the stated effect the e-process finds at least 80 %, and not nearly everything."""
    effect = mde(1e-3, blocks, alpha)
    assert effect is not None
    d = np.random.default_rng(blocks).normal(math.log1p(effect), 1e-3, size=(blocks, 4000))
    found = (log_e_paths(d).max(axis=0) >= -math.log(alpha)).mean()
    assert 0.80 <= found <= 0.95


def test_peeking_costs_something() -> None:
    """The e-process detects less than a test planned for exactly these blocks, not absurdly so."""
    for blocks in (30, 60, 200):
        anytime = mde(0.02, blocks, 0.05)
        assert anytime is not None
        assert 1.2 < anytime / planned_mde(0.02, blocks, 0.05) < 2.0


def test_too_few_blocks_detect_nothing() -> None:
    """Below 15 blocks no effect is found with 80 % power; a stricter alpha needs more."""
    assert mde(0.02, 0, 0.05) is None
    assert mde(0.02, 12, 0.05) is None
    assert mde(0.02, 18, 0.05) is not None
    assert mde(0.02, 18, 0.05 / 15) is None


def test_more_power_needs_a_larger_effect_up_to_certainty() -> None:
    """Chance evidence for the opposite side is never mistaken for a detection."""
    effects = [mde(0.02, 30, 0.3, power=power) for power in (0.5, 0.8, 0.99, 0.99999)]
    known = [e for e in effects if e is not None]
    assert len(known) == 4
    assert known == sorted(known)
    assert known[0] > 0.0


def test_without_noise_every_effect_is_detectable() -> None:
    """Zero noise gives zero, once there are blocks enough to say anything."""
    assert mde(0.0, 30, 0.05) == 0.0
    assert mde(0.0, 5, 0.05) is None


def test_blocks_needed_is_the_first_number_that_is_enough() -> None:
    """One block fewer would not do."""
    n = blocks_needed(0.01, 0.017, 0.05)
    enough, short = mde(0.017, n, 0.05), mde(0.017, n - 1, 0.05)
    assert enough is not None
    assert short is not None
    assert enough <= 0.01 < short


def test_blocks_needed_has_a_floor() -> None:
    """Even without noise a few blocks are needed to say anything."""
    n = blocks_needed(0.5, 0.0, 0.05)
    assert mde(0.0, n, 0.05) == 0.0
    assert mde(0.0, n - 1, 0.05) is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: mde(-0.1, 10, 0.05),
        lambda: mde(math.nan, 10, 0.05),
        lambda: mde(0.1, -1, 0.05),
        lambda: mde(0.1, 10, 0.0),
        lambda: mde(0.1, 10, 0.05, power=1.0),
        lambda: planned_mde(0.1, 0, 0.05),
        lambda: blocks_needed(0.0, 0.1, 0.05),
        lambda: blocks_needed(1e-9, 10.0, 0.05),
    ],
)
def test_arguments_out_of_range_are_refused(call: Callable[[], object]) -> None:
    """Impossible arguments raise instead of giving a number."""
    with pytest.raises(ValueError, match=r"must|needs"):
        call()
