"""Everything a report says, worked out once; the pages and exports only write it down."""

from dataclasses import dataclass

from coopbench.harness.measure.controls import ControlReport
from coopbench.reports.benchmarks import BenchmarkTable, build_tables
from coopbench.reports.claims import Result, judge_results
from coopbench.reports.leaderboard import Basis, Leaderboard, build_leaderboard
from coopbench.reports.load import ReportData, TargetData
from coopbench.reports.statements import Statement, judge_target, make_statements


@dataclass(frozen=True)
class TargetReport:
    """What is said about one target."""

    data: TargetData
    board: Leaderboard
    tables: tuple[BenchmarkTable, ...]
    controls: ControlReport | None
    """None where counts are exact and no controls are needed."""


@dataclass(frozen=True)
class Report:
    """A run's report, independent of any format."""

    data: ReportData
    results: tuple[Result, ...]
    """Every trial exactly once, controls included."""
    targets: tuple[TargetReport, ...]
    statements: tuple[Statement, ...]


def analyse(data: ReportData) -> Report:
    """Judge, score and rank what a run found."""
    alpha = data.record.plan.alpha
    controls = [judge_target(d, alpha) for d in data.targets]
    alarms = ["" if judged is None or judged.healthy else judged.statement for judged in controls]
    distrusted = {d.target.name for d, a in zip(data.targets, alarms, strict=True) if a}
    results = judge_results(data, distrusted)
    finished = all(r.status == "finished" for r in data.records)
    by_id = {r.trial.id: r for r in results}
    boards = [
        build_leaderboard(d, by_id, Basis(data.record.id, alpha, finished, alarm))
        for d, alarm in zip(data.targets, alarms, strict=True)
    ]
    targets = tuple(
        TargetReport(d, board, build_tables(d, by_id), judged)
        for d, board, judged in zip(data.targets, boards, controls, strict=True)
    )
    return Report(data, results, targets, make_statements(data, results, controls, boards))
