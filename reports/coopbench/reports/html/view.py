"""The report arranged for the page: each table with its forest plot, each trial with its pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coopbench.harness.model import Interval
from coopbench.harness.record import BenchmarkRecord
from coopbench.reports import wording
from coopbench.reports.benchmarks import BenchmarkRow, BenchmarkTable
from coopbench.reports.claims import Result
from coopbench.reports.html.charts import (
    BOARD_WIDTH,
    Forest,
    ForestFrame,
    ForestMark,
    Scatter,
    forest,
    scatter,
)
from coopbench.reports.html.searches import SearchView, search_views
from coopbench.reports.leaderboard import Row
from coopbench.reports.report import Report, TargetReport


@dataclass(frozen=True)
class BoardLine:
    """A row of the leaderboard and its place in the plot."""

    row: Row
    drawn: ForestMark | None
    """Score with its interval for this suite."""
    like: ForestMark | None
    """The same with its interval for programs like these."""


@dataclass(frozen=True)
class BoardView:
    """A target's leaderboard and matrix."""

    report: TargetReport
    anchor: str
    frame: ForestFrame
    lines: tuple[BoardLine, ...]


@dataclass(frozen=True)
class TableLine:
    """A row of a benchmark's table, its place in the plot and its evidence."""

    row: BenchmarkRow
    anchor: str
    drawn: ForestMark | None
    pairs: Scatter | None


@dataclass(frozen=True)
class TableView:
    """One benchmark on one target."""

    table: BenchmarkTable
    frame: ForestFrame
    lines: tuple[TableLine, ...]

    @property
    def judged(self) -> tuple[TableLine, ...]:
        """Lines with a trial behind them."""
        return tuple(line for line in self.lines if line.row.result is not None)


@dataclass(frozen=True)
class BenchmarkView:
    """One benchmark on every target."""

    benchmark: BenchmarkRecord
    anchor: str
    tables: tuple[TableView, ...]


@dataclass(frozen=True)
class ControlLine:
    """A control trial with its raw pairs."""

    result: Result
    drawn: ForestMark | None
    pairs: Scatter | None


@dataclass(frozen=True)
class ControlsView:
    """The controls of one target."""

    target: str
    frame: ForestFrame
    lines: tuple[ControlLine, ...]


@dataclass(frozen=True)
class PageView:
    """Everything the templates are given."""

    report: Report
    boards: tuple[BoardView, ...]
    benchmarks: tuple[BenchmarkView, ...]
    controls: tuple[ControlsView, ...]
    searches: tuple[SearchView, ...]
    links: Mapping[str, str]
    """Address of the page of a trial's trajectory, by trial id."""


def arrange(report: Report, links: Mapping[str, str] | None = None) -> PageView:
    """Lay the report out for the page.

    Args:
        report: What it says.
        links: Address of the page of a trial's trajectory, by trial id.
    """
    margin = report.data.record.plan.margin
    benchmarks = tuple(
        BenchmarkView(
            b,
            benchmark_anchor(i),
            tuple(
                _table_view(t.tables[i], f"{benchmark_anchor(i)}-t{n}", margin)
                for n, t in enumerate(report.targets)
            ),
        )
        for i, b in enumerate(report.data.record.benchmarks)
    )
    boards = tuple(_board_view(t, f"t{n}", margin) for n, t in enumerate(report.targets))
    controls = tuple(
        _controls_view(t, report.results, margin) for t in report.targets if t.data.controls
    )
    searches = search_views(report)
    return PageView(report, boards, benchmarks, controls, searches, links or {})


def benchmark_anchor(index: int) -> str:
    """Return a benchmark's anchor; made from its place, as names may hold anything."""
    return f"b{index}"


def _board_view(report: TargetReport, anchor: str, margin: float) -> BoardView:
    rows = report.board.rows
    shown = [r.summary for r in rows if r.summary is not None]
    suites = [(s.geomean, s.suite) for s in shown]
    points = [*suites, *((s.geomean, s.programs) for s in shown)]
    plot = forest(points, margin, BOARD_WIDTH)
    return BoardView(report, anchor, plot.frame, tuple(_board_line(plot, r) for r in rows))


def _board_line(plot: Forest, row: Row) -> BoardLine:
    s = row.summary
    if s is None:
        return BoardLine(row, None, None)
    exact = s.suite.low == s.suite.high
    title = _caption(row.entrant.name, s.geomean, s.programs if exact else s.suite)
    like = None if s.programs is None else plot.mark(s.geomean, s.programs, title)
    return BoardLine(row, plot.mark(s.geomean, s.suite, title), like)


def _table_view(table: BenchmarkTable, anchor: str, margin: float) -> TableView:
    results = [r.result for r in table.rows]
    plot = forest(((r.speedup, r.interval) for r in results if r is not None), margin)
    return TableView(
        table,
        plot.frame,
        tuple(
            TableLine(row, f"{anchor}-{i}", _result_mark(plot, row.result), _pairs(row.result))
            for i, row in enumerate(table.rows)
        ),
    )


def _result_mark(plot: Forest, result: Result | None) -> ForestMark | None:
    if result is None:
        return None
    title = _caption(f"{result.trial.entrant}: {result.label}", result.speedup, result.interval)
    return plot.mark(result.speedup, result.interval, title)


def _pairs(result: Result | None) -> Scatter | None:
    if result is None or result.trial.measurement is None:
        return None
    return scatter(result.trial.measurement)


def _controls_view(target: TargetReport, results: Sequence[Result], margin: float) -> ControlsView:
    name = target.data.target.name
    found = [r for r in results if r.trial.control is not None and r.trial.target == name]
    plot = forest(((r.speedup, r.interval) for r in found), margin)
    return ControlsView(
        name, plot.frame, tuple(ControlLine(r, _result_mark(plot, r), _pairs(r)) for r in found)
    )


def _caption(what: str, speedup: float | None, interval: Interval | None) -> str:
    text = f"{what}, {wording.times(speedup)}"
    return text if interval is None else f"{text}, interval {wording.interval(interval)}"
