"""Everything a report says, worked out once; the pages and exports only write it down."""

from collections.abc import Sequence
from dataclasses import dataclass

from coopbench.harness.measure.controls import ControlReport
from coopbench.reports.benchmarks import BenchmarkTable, build_tables
from coopbench.reports.claims import Result, judge_results
from coopbench.reports.leaderboard import Basis, Leaderboard, build_leaderboard
from coopbench.reports.load import ReportData, TargetData
from coopbench.reports.search.sayings import search_statements
from coopbench.reports.search.section import Searches, analyse_searches
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
    """Every trial exactly once, controls and ablations included."""
    targets: tuple[TargetReport, ...]
    searches: Searches
    """What entrants with models were allowed, spent and found."""
    statements: tuple[Statement, ...]


def analyse(data: ReportData, unreadable: Sequence[str] = ()) -> Report:
    """Judge, score and rank what a run found.

    Args:
        data: The report's tables.
        unreadable: A line for each trajectory that is missing or damaged.
    """
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
    searches = analyse_searches(data, by_id, distrusted)
    more = search_statements(searches, unreadable)
    statements = make_statements(data, results, controls, boards, more)
    return Report(data, results, targets, searches, statements)
