"""Laws of the statistics that hold for any data."""

import itertools
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopbench.harness.measure.aggregate import Score, aggregate
from coopbench.harness.measure.controls import AaResult, PlantedResult, judge_controls
from coopbench.harness.measure.decision import State, StopRule, decide
from coopbench.harness.measure.eprocess import FloatArray, anytime_p, log_cosh, log_e_path
from coopbench.harness.measure.multiplicity import bonferroni_alpha, holm
from coopbench.harness.measure.power import mde, planned_mde
from coopbench.harness.measure.ranks import Entry, rank
from coopbench.harness.measure.sequence import confidence_sequence, hodges_lehmann
from coopbench.harness.model import Decision

# Multiples of 2^-20, so that sums, differences and scaling by powers of two are exact and ties
# and zeros are frequent; the spikes are rare but large.
ratios = st.one_of(
    st.integers(-40, 40), st.integers(-(2**14), 2**14), st.integers(-(2**21), 2**21)
).map(lambda n: n / 2**20)
sequences = st.lists(ratios, max_size=60).map(np.array)
long_sequences = st.lists(ratios, min_size=16, max_size=60).map(np.array)
p_values = st.lists(st.floats(0.0, 1.0), max_size=7)
logs = st.floats(-3.0, 3.0)
scores = st.lists(
    st.builds(
        Score,
        benchmark=st.uuids().map(str),
        correct=st.booleans(),
        log_speedup=logs,
        log_variance=st.sampled_from([0.0, 1e-300, 1e-6, 0.01]),
        df=st.integers(1, 60),
        decision=st.sampled_from([*Decision, None]),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda s: s.benchmark,
)
untimed = settings(deadline=None)
OPPOSITE = {Decision.FASTER: Decision.SLOWER, Decision.SLOWER: Decision.FASTER}


@untimed
@given(sequences)
def test_evidence_ignores_which_arm_is_the_baseline(d: FloatArray) -> None:
    """Flipping every sign leaves E and p exactly as they are."""
    assert np.array_equal(log_e_path(d), log_e_path(-d))
    assert anytime_p(d) == anytime_p(-d)


@untimed
@given(sequences, st.integers(-40, 40))
def test_evidence_ignores_the_unit(d: FloatArray, power: int) -> None:
    """Scaling all log ratios leaves E exactly as it is."""
    assert np.array_equal(log_e_path(d), log_e_path(d * 2.0**power))


@untimed
@given(sequences, sequences)
def test_evidence_never_looks_ahead(d: FloatArray, more: FloatArray) -> None:
    """Later blocks do not change earlier evidence, so p never rises."""
    both = np.concatenate([d, more])
    assert np.array_equal(log_e_path(both)[: len(d)], log_e_path(d))
    assert 0.0 < anytime_p(both) <= anytime_p(d) <= 1.0


@untimed
@given(st.lists(ratios, min_size=5, max_size=12).map(np.array))
def test_evidence_has_mean_one_over_the_coins(d: FloatArray) -> None:
    """Over all outcomes of the coins, with any magnitudes, E averages exactly 1."""
    signs = np.array(list(itertools.product((1.0, -1.0), repeat=len(d) - 4)))
    flipped = [np.concatenate([d[:4], s * d[4:]]) for s in signs]
    mean = np.mean([np.exp(log_e_path(f)[-1]) for f in flipped])
    assert mean == pytest.approx(1.0, rel=1e-9)


@untimed
@given(sequences, st.integers(0, 59))
def test_a_tie_gives_no_evidence(d: FloatArray, at: int) -> None:
    """A block with a log ratio of 0 leaves E where it was."""
    index = min(at, len(d))
    with_tie = np.insert(d, index, 0.0)
    path = log_e_path(with_tie)
    before = path[index - 1] if index else 0.0
    assert path[index] == before


@untimed
@given(st.floats(-1e6, 1e6))
def test_log_cosh_is_exact_and_safe(x: float) -> None:
    """It equals log(cosh(x)), where that can be computed, and never overflows."""
    found = float(log_cosh(np.array(x)))
    if abs(x) < 700:
        assert found == pytest.approx(float(np.log(np.cosh(x))), rel=1e-9, abs=1e-12)
    else:
        assert found == pytest.approx(abs(x) - np.log(2.0))


@untimed
@given(long_sequences)
def test_sequence_holds_what_was_never_rejected(d: FloatArray) -> None:
    """Any theta among the data and its averages that was never rejected lies inside."""
    found = confidence_sequence(d, 0.05)
    for theta in {*d.tolist(), float(d.mean()), hodges_lehmann(d), 0.0}:
        accepted = log_e_path(d, theta).max() < -np.log(0.05)
        if accepted and found is not None:
            assert found.low <= theta <= found.high
        if found is not None and not found.low <= theta <= found.high:
            assert not accepted


@untimed
@given(long_sequences)
def test_sequence_mirrors(d: FloatArray) -> None:
    """Swapping the arms mirrors the interval."""
    one, other = confidence_sequence(d, 0.05), confidence_sequence(-d, 0.05)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        slack = 0.01 * (one.high - one.low) + 1e-9 * (1.0 + float(np.ptp(d)))
        assert (-other.high, -other.low) == pytest.approx((one.low, one.high), abs=slack)


@untimed
@given(long_sequences, st.integers(-20, 20), ratios)
def test_sequence_follows_scale_and_shift(d: FloatArray, power: int, shift: float) -> None:
    """Scaling and shifting the data scales and shifts the interval."""
    one, other = confidence_sequence(d, 0.05), confidence_sequence((d + shift) * 2.0**power, 0.05)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        back = (other.low / 2.0**power - shift, other.high / 2.0**power - shift)
        slack = 0.01 * (one.high - one.low) + 1e-6 * (1.0 + float(np.ptp(d)))
        assert back == pytest.approx((one.low, one.high), abs=slack)


@untimed
@given(st.lists(ratios, min_size=1, max_size=20).map(np.array), ratios)
def test_estimate_is_equivariant_and_within_the_data(d: FloatArray, shift: float) -> None:
    """The Hodges-Lehmann estimate shifts and mirrors with the data and never leaves it."""
    estimate = hodges_lehmann(d)
    assert d.min() <= estimate <= d.max()
    assert hodges_lehmann(d + shift) == pytest.approx(estimate + shift, abs=1e-12)
    assert hodges_lehmann(-d) == pytest.approx(-estimate, abs=1e-12)


def check_rules(d: FloatArray, rule: StopRule, state: State) -> None:
    """Hold a state against every rule of the module."""
    n = len(d)
    assert state.stop == (state.why is not None)
    assert not state.stop or n >= rule.min_blocks
    assert state.stop or n < rule.max_blocks
    if state.log_interval is not None and state.log_estimate is not None:
        assert state.log_interval.low <= state.log_estimate <= state.log_interval.high
        inside = max(-state.log_interval.low, state.log_interval.high) < rule.margin
        assert inside == (state.decision is Decision.EQUIVALENT)
    if state.decision is Decision.FASTER:
        assert state.p_value <= rule.alpha
        assert state.log_interval is not None
        assert state.log_interval.low > 0.0
        assert d.mean() > 0.0
    if state.why == "equivalent":
        assert state.decision is Decision.EQUIVALENT
    if state.why == "precise":
        assert state.decision in OPPOSITE
        assert state.p_value <= rule.alpha / rule.claims


@untimed
@given(
    sequences,
    st.integers(1, 60),
    st.sampled_from([0.05, 0.3]),
    st.sampled_from([1e-4, 0.01]),
    st.integers(1, 200),
)
def test_decisions_obey_their_rules(
    d: FloatArray, first: int, alpha: float, margin: float, claims: int
) -> None:
    """Stopping, intervals and claims agree with each other for any data and rule."""
    last = max(first, 40)
    rule = StopRule(alpha=alpha, margin=margin, min_blocks=first, max_blocks=last, claims=claims)
    check_rules(d, rule, decide(d, rule))


@untimed
@given(long_sequences, st.floats(-0.5, 0.5))
def test_swapping_the_arms_swaps_the_decision(d: FloatArray, effect: float) -> None:
    """Faster becomes slower and nothing else changes."""
    rule = StopRule(max_blocks=40)
    one, other = decide(d + effect, rule), decide(-(d + effect), rule)
    undecided = (Decision.EQUIVALENT, Decision.INCONCLUSIVE)
    if one.decision in OPPOSITE and other.decision not in undecided:
        assert other.decision is OPPOSITE[one.decision]
    assert one.p_value == other.p_value


@untimed
@given(p_values, st.floats(0.001, 0.999))
def test_holm_is_closed_testing_with_bonferroni(p: list[float], alpha: float) -> None:
    """The adjusted p is the largest Bonferroni p over all families that hold the claim."""
    adjusted = holm(p)
    for i in range(len(p)):
        families = (
            family
            for size in range(1, len(p) + 1)
            for family in itertools.combinations(range(len(p)), size)
            if i in family
        )
        brute = max(min(1.0, len(f) * min(p[j] for j in f)) for f in families)
        assert adjusted[i] == pytest.approx(brute, rel=1e-12, abs=1e-300)


@untimed
@given(p_values, st.randoms(use_true_random=False))
def test_holm_keeps_order_and_follows_permutation(p: list[float], random: Random) -> None:
    """Adjusted values never fall below p, keep its order, and move with their claims."""
    adjusted = holm(p)
    assert all(a >= x for a, x in zip(adjusted, p, strict=True))
    ranked = sorted(range(len(p)), key=lambda i: p[i])
    assert [adjusted[i] for i in ranked] == sorted(adjusted)
    shuffled = list(range(len(p)))
    random.shuffle(shuffled)
    assert holm([p[i] for i in shuffled]) == tuple(adjusted[i] for i in shuffled)


@untimed
@given(st.floats(0.001, 0.5), st.integers(1, 1000))
def test_bonferroni_levels_add_up(alpha: float, claims: int) -> None:
    """All claims together have the level of the family."""
    assert bonferroni_alpha(alpha, claims) * claims == pytest.approx(alpha)


@untimed
@given(st.floats(1e-4, 0.2), st.integers(20, 300), st.floats(0.01, 0.2))
def test_detectable_effects_are_monotone(noise: float, blocks: int, alpha: float) -> None:
    """More blocks or a laxer alpha detect smaller effects, more noise only larger ones."""
    here = mde(noise, blocks, alpha)
    assert here is not None
    for easier in (
        mde(noise, blocks + 10, alpha),
        mde(noise, blocks, alpha * 1.5),
        mde(noise / 2, blocks, alpha),
        mde(noise, blocks, alpha, power=0.6),
        planned_mde(noise, blocks, alpha),
    ):
        assert easier is not None
        assert easier <= here * (1 + 1e-6)


@untimed
@given(scores)
def test_aggregate_is_consistent(found: list[Score]) -> None:
    """Intervals hold the mean, extremes bound it, shares sum to 1, the curve never rises."""
    result = aggregate(found, seed=1)
    assert result.suite.low <= result.geomean * (1 + 1e-12)
    assert result.geomean <= result.suite.high * (1 + 1e-12)
    if result.programs is not None:
        assert result.programs.low <= result.geomean * (1 + 1e-9)
        assert result.geomean <= result.programs.high * (1 + 1e-9)
    assert result.worst.speedup <= result.geomean * (1 + 1e-12)
    assert result.geomean <= result.best.speedup * (1 + 1e-12)
    shares = result.shares.model_dump().values()
    assert sum(shares) == pytest.approx(1.0)
    curve = [point.share for point in result.fast_p]
    assert curve == sorted(curve, reverse=True)


@untimed
@given(
    st.integers(1, 6).flatmap(
        lambda k: st.lists(st.lists(logs, min_size=k, max_size=k), min_size=1, max_size=4)
    )
)
def test_ranking_is_consistent(table: list[list[float]]) -> None:
    """Ranks and tiers follow the geometric mean, and the first is in tier 1."""
    entries = [
        Entry(
            entrant=f"e{i}",
            scores=tuple(
                Score(benchmark=f"b{j}", correct=True, log_speedup=x) for j, x in enumerate(row)
            ),
        )
        for i, row in enumerate(table)
    ]
    ranking = rank(entries, seed=1)
    standings = ranking.standings
    assert sorted(s.entrant for s in standings) == [e.entrant for e in entries]
    means = [s.geomean for s in standings]
    assert means == sorted(means, reverse=True)
    assert standings[0].rank == standings[0].tier == 1
    for before, after in itertools.pairwise(standings):
        assert before.rank <= after.rank
        assert after.tier - before.tier in (0, 1)
    assert all(1 <= s.rank_low <= s.rank_high <= len(entries) for s in standings)
    assert sum(s.first_share for s in standings) >= 1.0 - 1e-9
    pairs = len(entries) * (len(entries) - 1) // 2
    assert len(ranking.comparisons) == pairs
    assert all(c.p_value <= c.adjusted_p <= 1.0 for c in ranking.comparisons)


@untimed
@given(
    st.lists(st.sampled_from([*Decision]), max_size=20),
    st.lists(st.sampled_from([*Decision]), max_size=20),
)
def test_a_worse_control_never_heals_a_run(aa: list[Decision], planted: list[Decision]) -> None:
    """Turning one control into a failure cannot make an unhealthy run healthy."""
    controls = [
        AaResult(benchmark="b", decision=decision, log_estimate=0.01 * (-1) ** i)
        for i, decision in enumerate(aa)
    ]
    effects = [
        PlantedResult(benchmark="p", true_log_ratio=-0.02, decision=decision, log_interval=None)
        for decision in planted
    ]
    before = judge_controls(controls, effects)
    assert before.healthy == before.statement.startswith("Controls passed")
    assert before.planted_found + before.planted_reversed <= before.n_planted
    worse_aa = [c.model_copy(update={"decision": Decision.FASTER}) for c in controls[:1]]
    worse_planted = [p.model_copy(update={"decision": Decision.FASTER}) for p in effects[:1]]
    after = judge_controls([*worse_aa, *controls[1:]], [*worse_planted, *effects[1:]])
    assert before.healthy or not after.healthy
