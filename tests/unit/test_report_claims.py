"""What a report claims of a trial, and what it only shows."""

import pytest
from tests.support.report_runs import RunShape, make_run

from coopbench.harness.measure.multiplicity import holm
from coopbench.harness.model import Decision, Interval, Measurement, Metric, Outcome, Trial
from coopbench.reports.claims import Mark, Result, holm_over, judge_results
from coopbench.reports.load import load_report

SHAPE = RunShape(
    entrants=(("clang-O3-host", "compiler", 1.3),), benchmarks=("matmul",), most_pairs=12
)


def timed(p_value: float | None, decision: Decision = Decision.FASTER) -> Measurement:
    faster = decision is Decision.FASTER
    return Measurement(
        metric=Metric.CPU_SECONDS,
        decision=decision,
        speedup=1.2 if faster else 0.8,
        interval=Interval(low=1.1, high=1.3, confidence=0.95),
        p_value=p_value,
    )


def judged(measurement: Measurement | None, outcome: Outcome, *, healthy: bool = True) -> Result:
    """Judge one native trial of that outcome and measurement."""
    record, trials = make_run(SHAPE)
    trial = trials[0].model_copy(update={"outcome": outcome, "measurement": measurement})
    data = load_report(record, (trial, *trials[1:]))
    distrusted = () if healthy else (trial.target,)
    return next(r for r in judge_results(data, distrusted) if r.trial.id == trial.id)


def test_a_significant_gain_is_claimed() -> None:
    """Faster, p below alpha, controls healthy: claimed."""
    result = judged(timed(0.001), Outcome.FASTER)
    assert result.mark is Mark.FASTER
    assert result.claimed


@pytest.mark.parametrize(
    ("measurement", "healthy", "why"),
    [
        (timed(0.2), True, "after Holm"),
        (timed(None), True, "no p-value"),
        (timed(0.001), False, "controls failed"),
        (
            timed(0.001).model_copy(
                update={"layout_interval": Interval(low=0.8, high=1.1, confidence=0.95)}
            ),
            True,
            "layouts",
        ),
    ],
)
def test_a_gain_without_backing_is_shown_not_claimed(
    measurement: Measurement, healthy: bool, why: str
) -> None:
    """Each missing condition alone withholds the claim, and is named."""
    result = judged(measurement, Outcome.FASTER, healthy=healthy)
    assert result.mark is Mark.UNCLAIMED
    assert not result.claimed
    assert why in result.why_not
    assert result.speedup == 1.2


def test_a_loss_needs_the_same_backing() -> None:
    """Slower is claimed only if the mean over layouts lies below 1 too."""
    slower = timed(0.001, Decision.SLOWER)
    above = slower.model_copy(
        update={"layout_interval": Interval(low=0.95, high=1.2, confidence=0.95)}
    )
    assert judged(slower, Outcome.SLOWER).mark is Mark.SLOWER
    assert judged(above, Outcome.SLOWER).mark is Mark.UNCLAIMED


def test_exact_counts_need_no_test() -> None:
    """A difference between counts is claimed without a p-value, controls or not."""
    counted = Measurement(
        metric=Metric.INSTRUCTIONS,
        decision=Decision.FASTER,
        speedup=1.01,
        interval=Interval(low=1.01, high=1.01, confidence=1.0),
    )
    result = judged(counted, Outcome.FASTER, healthy=False)
    assert result.claimed
    assert result.label == "fewer"
    assert result.interval is None


@pytest.mark.parametrize("outcome", [o for o in Outcome if not o.correct])
def test_a_failure_has_no_speedup_whatever_was_measured(outcome: Outcome) -> None:
    """A candidate that failed after it was timed keeps no ratio."""
    result = judged(timed(0.001), outcome)
    assert result.mark is Mark.FAILED
    assert result.speedup is None
    assert result.interval is None
    assert result.label == outcome.value.replace("_", " ")


def test_an_identical_binary_has_ratio_one() -> None:
    """No change needs no measurement."""
    result = judged(None, Outcome.NO_CHANGE)
    assert result.mark is Mark.IDENTICAL
    assert result.speedup == 1.0


def test_holm_runs_over_verified_timed_trials_alone() -> None:
    """Failures, identical binaries and counts are no members of the family."""
    record, trials = make_run(RunShape(most_pairs=12))
    data = load_report(record, trials)
    adjusted = holm_over(data.trials)
    tested = [
        t
        for t in data.trials
        if t.outcome.correct and t.measurement is not None and t.measurement.p_value is not None
    ]
    assert list(adjusted) == [t.id for t in tested]
    assert tuple(adjusted.values()) == holm([p_of(t) for t in tested])


def test_controls_are_outside_the_family() -> None:
    """Controls judge the run; they are not among its claims."""
    record, trials = make_run(RunShape(most_pairs=12))
    results = judge_results(load_report(record, trials))
    controls = [r for r in results if r.trial.control is not None]
    assert controls
    assert all(r.adjusted_p is None for r in controls)


def p_of(trial: Trial) -> float:
    assert trial.measurement is not None
    assert trial.measurement.p_value is not None
    return trial.measurement.p_value
