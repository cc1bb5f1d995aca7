"""What is claimed of levels, and what is only shown."""

import math
from collections.abc import Mapping, Sequence

import pytest
from tests.support.model_runs import ModelRun, make_model_run, part_of, with_parts
from tests.support.report_runs import RunShape, make_run

from coopbench.harness.base import Level
from coopbench.harness.model import (
    AblationRef,
    Decision,
    Interval,
    Measurement,
    Metric,
    Outcome,
)
from coopbench.reports.claims import judge_results
from coopbench.reports.load import load_report
from coopbench.reports.report import Report, analyse
from coopbench.reports.search.attribution import Attribution, attributions, summary
from coopbench.reports.search.parts import bounds

SHAPE = RunShape(
    entrants=(("identity", "null", 1.0), ("cooperative", "llm", 1.6)),
    benchmarks=("matmul",),
    failures={},
    most_pairs=12,
)


def timed(speedup: float, low: float, high: float) -> Measurement:
    return Measurement(
        metric=Metric.CPU_SECONDS,
        decision=Decision.FASTER,
        speedup=speedup,
        interval=Interval(low=low, high=high, confidence=0.95),
        p_value=1e-9,
    )


def attributed(
    winner: Measurement,
    without: Mapping[Level, Measurement | None],
    *,
    healthy: bool = True,
    dependants: Sequence[Level] = (),
) -> Attribution:
    """Judge a native winner and its parts; a level without a measurement is wrong without it."""
    record, trials = make_run(SHAPE)
    faster = {"outcome": Outcome.FASTER, "measurement": winner}
    of = next(t for t in trials if t.entrant == "cooperative" and t.target == "x86-64-v2")
    of = of.model_copy(update=faster)
    parts = []
    for level, measured in without.items():
        part = part_of(of, level, 0.0 if measured else None, dependants)
        parts.append(part.model_copy(update={"measurement": measured}))
    rest = tuple(t for t in trials if t.id != of.id)
    data = load_report(record, (of, *parts, *rest))
    results = {r.trial.id: r for r in judge_results(data)}
    return attributions(data.targets[0], results, healthy=healthy)[0]


def test_the_factor_is_bounded_by_the_worst_ends() -> None:
    """Winner low over part high to winner high over part low; the errors add up."""
    found = attributed(timed(1.6, 1.5, 1.7), {Level.C: timed(1.2, 1.1, 1.3)})
    factor = found.parts[0].factor
    assert factor is not None
    assert factor.value == pytest.approx(1.6 / 1.2)
    assert factor.low == pytest.approx(1.5 / 1.3)
    assert factor.high == pytest.approx(1.7 / 1.1)
    assert factor.confidence == pytest.approx(0.9)


def test_a_level_that_stands_apart_is_said_to_give_most() -> None:
    """Its interval without the level lies below all others."""
    parts = {Level.C: timed(1.13, 1.1, 1.16), Level.IR: timed(1.5, 1.45, 1.55)}
    found = attributed(timed(1.6, 1.55, 1.65), parts)
    assert found.claim == "C gives most: 1.416× of 1.600×"
    assert found.leading is found.parts[0]


def test_overlapping_levels_cannot_be_told_apart() -> None:
    """Point estimates alone decide nothing."""
    parts = {Level.C: timed(1.2, 1.1, 1.3), Level.ASM: timed(1.3, 1.25, 1.35)}
    found = attributed(timed(1.6, 1.55, 1.65), parts)
    assert found.claim == "levels cannot be told apart"
    assert found.leading is None


def test_a_level_that_took_others_along_leads_by_its_own_share_only() -> None:
    """What the other levels give is taken away before anything is said of it."""
    parts = {Level.C: timed(1.0, 0.99, 1.01), Level.IR: timed(1.55, 1.54, 1.56)}
    found = attributed(timed(1.6, 1.59, 1.61), parts, dependants=[Level.C])
    own = (1.59 / 1.01) / (1.61 / 1.54)
    assert found.leading is found.parts[0]
    assert found.claim.endswith(f"at least {own:.3f}× without them")


def test_a_level_with_all_the_gain_resting_on_it_leads_nothing() -> None:
    """If most of the gain goes when another level goes, it is not the first one's."""
    parts = {Level.C: timed(1.0, 0.99, 1.01), Level.IR: timed(1.1, 1.09, 1.11)}
    found = attributed(timed(1.6, 1.59, 1.61), parts, dependants=[Level.C])
    assert found.leading is None
    assert found.claim == "levels cannot be told apart: later edits rest on those of C"
    apart = attributed(timed(1.6, 1.59, 1.61), parts)
    assert apart.leading is apart.parts[0]


def test_a_level_within_the_noise_gives_nothing_that_can_be_claimed() -> None:
    """If even the best level's bounds reach 1, no level leads."""
    parts = {Level.C: timed(1.55, 1.5, 1.6), Level.IR: timed(1.6, 1.55, 1.65)}
    found = attributed(timed(1.6, 1.55, 1.65), parts)
    assert "none by itself can be told from nothing" in found.claim


def test_a_wrong_part_leaves_the_levels_undecided() -> None:
    """Without a speedup there is no factor, and the sentence says why."""
    parts = {Level.C: timed(1.1, 1.05, 1.15), Level.IR: None}
    found = attributed(timed(1.6, 1.55, 1.65), parts)
    assert found.parts[1].factor is None
    assert found.claim.endswith("without LLVM IR there is no speedup (wrong output)")


def test_unhealthy_controls_forbid_timed_claims() -> None:
    """What failed controls take from the leaderboard they take from the levels too."""
    parts = {Level.C: timed(1.1, 1.05, 1.15), Level.IR: timed(1.5, 1.45, 1.55)}
    found = attributed(timed(1.6, 1.55, 1.65), parts, healthy=False)
    assert found.claim == "nothing is claimed: the controls failed"


def test_one_judged_part_is_not_all_there_is() -> None:
    """A winner is judged in parts only if it edits several levels; one part compares nothing."""
    found = attributed(timed(1.6, 1.55, 1.65), {Level.C: timed(1.1, 1.05, 1.15)})
    assert found.leading is None
    assert "no other level could be left out" in found.claim


def test_a_part_that_was_not_judged_is_named() -> None:
    """An interrupted run's winner lacks parts; nothing is said of the others then."""
    record, trials = make_run(SHAPE)
    of = next(t for t in trials if t.entrant == "cooperative" and t.target == "x86-64-v2")
    refs = (AblationRef(level=Level.IR, candidate_blob="0" * 64),)
    update = {"outcome": Outcome.FASTER, "measurement": timed(1.6, 1.5, 1.7), "ablations": refs}
    rest = tuple(t for t in trials if t.id != of.id)
    data = load_report(record, (of.model_copy(update=update), *rest))
    results = {r.trial.id: r for r in judge_results(data)}
    found = attributions(data.targets[0], results, healthy=True)[0]
    assert found.parts[0].result is None
    assert "(not judged)" in found.claim


def test_exact_counts_have_no_range() -> None:
    """On an emulated target a ratio of counts is what it is."""
    report = report_of(make_model_run())
    counted = next(t for t in report.searches.targets if t.data.target.emulated)
    factor = counted.attributions[0].parts[0].factor
    assert factor is not None
    assert factor.exact
    assert factor.low == factor.value == factor.high
    assert factor.interval is None


def test_the_factors_of_identical_parts_are_exactly_one() -> None:
    """A part with the winner's own interval cannot be told from nothing."""
    report = report_of(make_model_run())
    matmul = report.searches.targets[0].attributions[0]
    last = matmul.parts[-1].factor
    assert last is not None
    assert math.isclose(last.value, 1.0)
    assert last.low < 1 < last.high


def test_the_summary_counts_every_winner() -> None:
    """Leading levels and undecided winners add up."""
    found = report_of(make_model_run()).searches.targets[0].attributions
    assert summary(found) == (
        "Of 3 winners judged in parts, C gives most in 1; for 2 nothing is claimed of levels."
    )
    assert summary(()) == ""


def report_of(run: ModelRun) -> Report:
    return analyse(load_report(run.record, run.trials))


def test_parts_enter_neither_scores_nor_claims() -> None:
    """Without its ablation trials the report ranks, counts and corrects just the same."""
    run = make_model_run()
    whole = report_of(run)
    bare = analyse(load_report(run.record, [t for t in run.trials if t.ablation is None]))
    assert [t.board for t in whole.targets] == [t.board for t in bare.targets]
    assert [t.tables for t in whole.targets] == [t.tables for t in bare.targets]
    p_values = {r.trial.id: r.adjusted_p for r in whole.results if r.trial.ablation is None}
    assert p_values == {r.trial.id: r.adjusted_p for r in bare.results}
    parts = [r for r in whole.results if r.trial.ablation is not None]
    assert len(parts) == 10
    assert not any(r.claimed for r in parts)
    assert all(r.adjusted_p is None for r in parts)


def test_a_part_needs_no_entrant_of_its_own_name() -> None:
    """Ablation trials are loaded although the run has no such entrant, and counted as no gap."""
    run = make_model_run()
    data = load_report(run.record, run.trials)
    assert data.missing == 0
    assert {t.ablation_of for d in data.targets for t in d.ablations} <= {t.id for t in run.trials}


def test_bounds_of_what_was_not_measured_are_unknown() -> None:
    """Failures and intervals that reach zero give no bounds."""
    record, trials = make_run(SHAPE)
    of = next(t for t in trials if t.entrant == "cooperative" and t.target == "x86-64-v2")
    broken = of.model_copy(update={"outcome": Outcome.FASTER, "measurement": timed(1.6, 0.0, 1.7)})
    rest = tuple(t for t in trials if t.id != of.id)
    results = judge_results(load_report(record, (broken, *rest)))
    assert bounds(next(r for r in results if r.trial.id == of.id)) is None


def test_with_parts_takes_away_what_each_level_holds() -> None:
    """The support's own arithmetic: the parts' shares of the log speedup are what is left out."""
    trial = next(
        t for t in make_model_run().trials if t.entrant == "cooperative" and t.ablations
    ).model_copy(update={"ablations": ()})
    _, part = with_parts(trial, {Level.C: 0.5})
    assert trial.measurement is not None
    assert part.measurement is not None
    assert trial.measurement.speedup is not None
    assert part.measurement.speedup == pytest.approx(math.sqrt(trial.measurement.speedup))
