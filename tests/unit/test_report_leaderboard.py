"""Scores, ranks and the best compiler, from known speedups."""

import math

import pytest
from tests.support.report_runs import ARM, V2, RunShape, make_run, make_unfinished

from coopbench.harness.errors import UsageError
from coopbench.harness.measure.aggregate import Score
from coopbench.harness.model import Decision, Interval, Measurement, Metric, Outcome, Trial
from coopbench.harness.record import RunRecord
from coopbench.reports.leaderboard import REFERENCE, Leaderboard, Row
from coopbench.reports.load import load_report
from coopbench.reports.report import Report, analyse
from coopbench.reports.scores import combine

SHAPE = RunShape(most_pairs=12, failures={})
BLOCKS = next(t.measurement.blocks for t in make_run(SHAPE)[1] if t.control and t.measurement)


def with_speedups(speedups: dict[str, list[float | None]]) -> tuple[RunRecord, list[Trial]]:
    """Return a native run in which entrant and benchmark decide the speedup; None fails."""
    shape = RunShape(
        entrants=[(n, "null" if n == "identity" else "compiler", 1.0) for n in speedups],
        benchmarks=tuple("abcdef"[: len(next(iter(speedups.values())))]),
        targets=(V2,),
        failures={},
        most_pairs=12,
    )
    record, trials = make_run(shape)
    return record, [
        t if t.control else _set(t, speedups[t.entrant]["abcdef".index(t.benchmark)])
        for t in trials
    ]


def _set(trial: Trial, speedup: float | None) -> Trial:
    if speedup is None:
        return trial.model_copy(update={"outcome": Outcome.CRASHED, "measurement": None})
    faster = speedup > 1
    measurement = Measurement(
        metric=Metric.CPU_SECONDS,
        decision=Decision.FASTER if faster else Decision.SLOWER,
        speedup=speedup,
        interval=Interval(low=speedup / 1.01, high=speedup * 1.01, confidence=0.95),
        p_value=1e-6,
        blocks=BLOCKS,
    )
    outcome = Outcome.FASTER if faster else Outcome.SLOWER
    return trial.model_copy(update={"outcome": outcome, "measurement": measurement})


def board_of(speedups: dict[str, list[float | None]]) -> Leaderboard:
    return analyse(load_report(*with_speedups(speedups))).targets[0].board


def row(board: Leaderboard, entrant: str) -> Row:
    return next(r for r in board.rows if r.entrant.name == entrant)


def test_failures_count_as_ratio_one_and_are_shown() -> None:
    """The main score holds them as 1; the second leaves them out; the count stands beside."""
    found = row(board_of({"x": [4.0, None, 1.0001, None]}), "x")
    assert found.summary is not None
    assert found.without_failures is not None
    assert found.summary.geomean == pytest.approx((4 * 1.0001) ** (1 / 4))
    assert found.without_failures.geomean == pytest.approx((4 * 1.0001) ** (1 / 2))
    assert found.failures == ((Outcome.CRASHED, 2),)
    assert (found.failed, found.trials) == (2, 4)


def test_losses_are_not_clamped() -> None:
    """A slowdown pulls the score below 1."""
    found = row(board_of({"x": [0.5, 0.5]}), "x")
    assert found.summary is not None
    assert found.summary.geomean == pytest.approx(0.5)
    assert found.summary.worst.speedup == pytest.approx(0.5)
    assert found.slower == 2


def test_the_share_faster_has_every_trial_in_its_denominator() -> None:
    """Failures and losses do not shrink it."""
    found = row(board_of({"x": [2.0, None, 0.9, 3.0]}), "x")
    assert found.share_faster == 0.5


def test_best_and_worst_name_their_benchmarks() -> None:
    """Extremes without a name help nobody."""
    found = row(board_of({"x": [2.0, 0.9, 1.5]}), "x").summary
    assert found is not None
    assert (found.best.benchmark, found.worst.benchmark) == ("a", "b")


def test_rows_stand_in_the_order_of_their_scores() -> None:
    """Best first, null entrants among the others."""
    board = board_of({"low": [0.9] * 4, "identity": [1.0001] * 4, "high": [2.0] * 4})
    assert [r.entrant.name for r in board.rows] == ["high", "identity", "low"]
    assert [r.standing.rank for r in board.rows if r.standing] == [1, 2, 3]
    assert board.leader is not None
    assert board.leader.entrant.name == "high"


def test_a_null_entrant_never_leads() -> None:
    """The noise floor is shown, but the sentence about the best is about an optimizer."""
    board = board_of({"low": [0.9] * 4, "identity": [1.0001] * 4})
    assert board.leader is not None
    assert board.leader.entrant.name == "low"
    assert board.noise_floor is not None


def test_entrants_not_told_apart_are_named() -> None:
    """Two entrants that differ on nothing are level."""
    board = board_of({"one": [1.5, 1.2], "two": [1.5, 1.2]})
    assert board.level_with_leader == ("two",)


def test_failed_controls_leave_nothing_ranked_or_claimed() -> None:
    """An unhealthy run has numbers and no places."""
    record, trials = make_run(RunShape(most_pairs=24, controls_healthy=False))
    native, counted = analyse(load_report(record, trials)).targets
    assert "claims nothing" in native.board.alarm
    assert native.board.ranking is None
    assert all(r.faster == r.slower == 0 for r in native.board.rows)
    assert counted.board.alarm == ""
    assert counted.board.ranking is not None


def test_nothing_is_ranked_before_the_run_has_ended() -> None:
    """A missing trial could change every place, also that of a complete entrant."""
    report = analyse(load_report(*make_unfinished()))
    assert all(t.board.ranking is None for t in report.targets)
    assert row(report.targets[0].board, "autotune").missing == 2


def test_an_entrant_absent_from_a_target_stands_last_without_numbers() -> None:
    """In a finished run the others are ranked without it."""
    record, trials = make_run(SHAPE)
    kept = [t for t in trials if (t.entrant, t.target) != ("autotune", ARM.name)]
    board = analyse(load_report(record, kept)).targets[1].board
    assert board.rows[-1].entrant.name == "autotune"
    assert board.rows[-1].summary is None
    assert len(board.ranked) == 2


def test_the_best_compiler_is_found_per_program() -> None:
    """The reference itself is best where nothing beats it."""
    report = analyse(load_report(*with_speedups({"x": [1.5, 0.9], "y": [1.2, None]})))
    best = [t.best_compiler for t in report.targets[0].tables]
    assert [b.name for b in best if b is not None] == ["x", REFERENCE]
    assert [b.speedup for b in best if b is not None] == [1.5, 1.0]


def test_null_entrants_are_no_compilers() -> None:
    """A lucky identity is not the best compiler."""
    report = analyse(load_report(*with_speedups({"identity": [1.5], "x": [1.1]})))
    best = report.targets[0].tables[0].best_compiler
    assert best is not None
    assert best.name == "x"


def test_repetitions_of_a_cell_are_one_score_with_their_spread() -> None:
    """The mean of the logs, the squared standard error between repetitions, n - 1 df."""
    scores = [
        Score(benchmark="a", correct=True, log_speedup=math.log(2), log_variance=9.0, df=5),
        Score(benchmark="a", correct=True, log_speedup=math.log(4), log_variance=9.0, df=5),
        Score(benchmark="a", correct=False),
    ]
    both = combine(scores)
    logs = [math.log(2), math.log(4), 0.0]
    mean = sum(logs) / 3
    assert both.log_speedup == pytest.approx(mean)
    assert both.log_variance == pytest.approx(sum((v - mean) ** 2 for v in logs) / 2 / 3)
    assert both.df == 2
    assert both.correct
    assert both.decision is None


def test_a_timed_trial_without_its_pairs_is_damage() -> None:
    """Numbers without raw data behind them are refused with a message, not a traceback."""
    record, trials = with_speedups({"x": [1.5]})
    measurement = trials[0].measurement
    assert measurement is not None
    bare = trials[0].model_copy(
        update={"measurement": measurement.model_copy(update={"blocks": ()})}
    )
    with pytest.raises(UsageError, match="cannot be scored"):
        analyse(load_report(record, [bare, *trials[1:]]))


def test_a_report_with_repetitions_has_one_row_for_each_trial() -> None:
    """Tables list repetitions; the score counts each benchmark once."""
    shape = RunShape(failures={}, most_pairs=12, repetitions=3, targets=(V2,))
    report: Report = analyse(load_report(*make_run(shape)))
    target = report.targets[0]
    assert len(target.tables[0].rows) == 9
    assert all(r.summary is not None and r.summary.benchmarks == 4 for r in target.board.rows)
    assert all(r.trials == 12 for r in target.board.rows)
