"""The order and the conditions of the stop rules."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from coopbench.harness.measure.decision import (
    StopRule,
    decide,
    log_ratios,
    robust_sd,
    student_interval,
)
from coopbench.harness.measure.eprocess import FloatArray
from coopbench.harness.measure.sequence import confidence_sequence
from coopbench.harness.model import Block, Decision, Launch

RULE = StopRule(alpha=0.05, margin=0.01, precision=0.01, min_blocks=10, max_blocks=100)


def noisy(n: int, effect: float, sd: float = 0.01, seed: int = 7) -> FloatArray:
    """Gaussian log ratios whose mean and median are exactly `effect`."""
    half = np.abs(np.random.default_rng(seed).normal(0.0, sd, n // 2))
    d = np.empty(2 * (n // 2))
    d[0::2], d[1::2] = half, -half
    return d + effect


def block(baseline: float, candidate: float) -> Block:
    """A block with the given costs."""
    return Block(
        index=0,
        first="candidate",
        input_seed=1,
        launches=(Launch(arm="baseline", value=baseline), Launch(arm="candidate", value=candidate)),
        outputs_agree=True,
        started_at=0.0,
    )


def test_a_clear_speedup_is_faster_and_precise() -> None:
    """A 5 % effect at 1 % noise ends sampling with the right sign and an honest interval."""
    state = decide(noisy(40, 0.05), RULE)
    assert (state.stop, state.why, state.decision) == (True, "precise", Decision.FASTER)
    assert state.log_interval is not None
    assert state.log_interval.low <= 0.05 <= state.log_interval.high
    assert state.log_estimate == pytest.approx(0.05, abs=0.004)
    assert state.p_value <= 0.05


def test_a_clear_slowdown_is_slower() -> None:
    """Positive means faster: the same data negated are slower."""
    assert decide(-noisy(40, 0.05), RULE).decision is Decision.SLOWER


def test_no_effect_ends_as_equivalent_before_the_last_block() -> None:
    """An interval inside the margin stops sampling."""
    state = decide(noisy(60, 0.0), RULE)
    assert (state.stop, state.why, state.decision) == (True, "equivalent", Decision.EQUIVALENT)


def test_a_significant_effect_inside_the_margin_is_equivalent() -> None:
    """The margin comes first: what is too small to matter is not called faster."""
    d = noisy(60, 0.004, sd=0.001)
    state = decide(d, RULE)
    assert state.p_value < 0.001
    assert state.decision is Decision.EQUIVALENT
    assert decide(d, replace(RULE, margin=0.001)).decision is Decision.FASTER


def test_never_stops_before_the_minimum() -> None:
    """However clear the data, the minimum number of blocks is taken."""
    rule = replace(RULE, min_blocks=41)
    for d in (noisy(40, 0.05), noisy(40, 0.0, sd=0.001)):
        assert decide(d, RULE).stop
        early = decide(d, rule)
        assert (early.stop, early.why) == (False, None)


def test_precise_but_undecided_data_go_on_to_the_last_block() -> None:
    """A narrow interval that neither excludes 0 nor fits the margin is no reason to stop."""
    d = noisy(60, 0.008, sd=0.02)
    state = decide(d, replace(RULE, precision=0.02))
    assert state.log_interval is not None
    assert state.log_interval.low < 0.0 < 0.01 < state.log_interval.high
    assert state.log_interval.high - state.log_interval.low < 0.04
    assert (state.stop, state.decision) == (False, Decision.INCONCLUSIVE)
    last = decide(d, replace(RULE, precision=0.02, max_blocks=60))
    assert (last.stop, last.why, last.decision) == (True, "max_blocks", Decision.INCONCLUSIVE)


def test_significant_but_imprecise_data_go_on_and_end_with_a_direction() -> None:
    """Precision ends sampling early; at the last block significance is enough."""
    d = noisy(40, 0.03, sd=0.03)
    state = decide(d, RULE)
    assert state.p_value < 0.05
    assert not state.stop
    last = decide(d, replace(RULE, max_blocks=40))
    assert (last.why, last.decision) == ("max_blocks", Decision.FASTER)


def test_sampling_goes_on_until_a_claim_would_survive_its_correction() -> None:
    """Among many comparisons a direction must be firmer before sampling ends, not to be found."""
    d = noisy(30, 0.012, sd=0.012)
    alone = decide(d, RULE)
    assert (alone.why, alone.decision) == ("precise", Decision.FASTER)
    assert alone.p_value > 0.05 / 1000
    among = decide(d, replace(RULE, claims=1000))
    assert (among.stop, among.decision) == (False, Decision.FASTER)
    assert decide(np.concatenate([d] * 3), replace(RULE, claims=1000)).why == "precise"


def test_a_large_effect_needs_only_a_tenth_of_itself() -> None:
    """A twofold speedup need not be known to 1 %."""
    state = decide(noisy(40, math.log(2.0), sd=0.08), RULE)
    assert state.log_interval is not None
    half = 0.5 * (state.log_interval.high - state.log_interval.low)
    assert RULE.precision < half <= 0.1 * math.log(2.0) * 1.1
    assert (state.why, state.decision) == ("precise", Decision.FASTER)


def test_mean_and_robust_centre_must_agree_on_the_side() -> None:
    """Mostly faster, but so slow at times that the mean is slower: no claim."""
    d = noisy(100, 0.02, sd=0.005)
    d[np.arange(10, 100, 9)] = -0.5
    state = decide(d, replace(RULE, max_blocks=100))
    assert state.p_value < 0.05
    assert state.log_interval is not None
    assert state.log_interval.low > 0.0 > d.mean()
    assert (state.why, state.decision) == ("max_blocks", Decision.INCONCLUSIVE)


def test_a_few_spikes_do_not_take_away_a_claim() -> None:
    """A spike widens the Student interval over 0, not the robust one."""
    d = noisy(60, 0.02, sd=0.01)
    d[20] -= 0.9
    state = decide(d, RULE)
    assert state.t_interval is not None
    assert state.t_interval.low < 0.0
    assert state.decision is Decision.FASTER


def test_the_interval_is_widened_to_hold_the_estimate() -> None:
    """Where the effect drifted, the sequence may leave the estimate out; what is shown does not."""
    d = np.random.default_rng(594).normal(0.0, 0.2, 45)
    d[18:] += 0.3
    raw, state = confidence_sequence(d, RULE.alpha), decide(d, RULE)
    assert raw is not None
    assert state.log_interval is not None
    assert state.log_estimate is not None
    assert raw.high < state.log_estimate == state.log_interval.high
    assert state.log_interval.low == raw.low
    assert not state.stop


def test_too_few_blocks_for_any_interval_end_inconclusive() -> None:
    """A tiny maximum cannot support a claim, whatever the data."""
    state = decide(np.full(6, 0.7), StopRule(min_blocks=2, max_blocks=6))
    assert (state.stop, state.why, state.decision) == (True, "max_blocks", Decision.INCONCLUSIVE)
    assert state.log_interval is None
    assert state.mde is None


def test_no_block_is_a_state_too() -> None:
    """Before the first block everything is unknown and nothing is claimed."""
    state = decide(np.array([]), RULE)
    assert (state.blocks, state.stop, state.decision) == (0, False, Decision.INCONCLUSIVE)
    assert (state.log_estimate, state.noise, state.t_interval, state.mde) == (None,) * 4
    assert state.p_value == 1.0


def test_summaries_match_their_definitions() -> None:
    """Noise is the scaled MAD; the t interval and variance are the textbook ones."""
    d = np.random.default_rng(1).normal(0.01, 0.02, 25)
    state = decide(d, RULE)
    sem = stats.sem(d)
    expected = stats.t.interval(0.95, 24, loc=d.mean(), scale=sem)
    assert state.t_interval is not None
    assert (state.t_interval.low, state.t_interval.high) == pytest.approx(expected)
    assert state.log_variance == pytest.approx(sem**2)
    assert state.noise == pytest.approx(stats.median_abs_deviation(d, scale="normal"), rel=1e-4)


def test_summaries_need_two_values() -> None:
    """One value has neither spread nor interval."""
    assert robust_sd(np.array([1.0])) is None
    assert student_interval(np.array([1.0]), 0.05) is None


def test_log_ratios_are_positive_where_the_candidate_costs_less() -> None:
    """Blocks become log(baseline) - log(candidate), whichever was launched first."""
    assert log_ratios([block(2.0, 1.0), block(1.0, 4.0)]) == pytest.approx(
        [math.log(2.0), -math.log(4.0)]
    )
    assert log_ratios([]).shape == (0,)
    with pytest.raises(ValueError, match="positive"):
        log_ratios([block(0.0, 1.0)])


@pytest.mark.parametrize(
    "make",
    [
        lambda: replace(RULE, alpha=0.0),
        lambda: replace(RULE, alpha=1.5),
        lambda: replace(RULE, margin=0.0),
        lambda: replace(RULE, margin=math.nan),
        lambda: replace(RULE, precision=-1.0),
        lambda: replace(RULE, min_blocks=0),
        lambda: replace(RULE, min_blocks=101),
        lambda: replace(RULE, claims=0),
    ],
)
def test_impossible_rules_are_refused(make: Callable[[], StopRule]) -> None:
    """A rule that could not work is refused when it is made."""
    with pytest.raises(ValueError, match=r"alpha|margin|min_blocks|claims"):
        make()
