"""The searches with models arranged for the page."""

from collections.abc import Mapping
from dataclasses import dataclass

from coopbench.harness.record import BenchmarkRecord
from coopbench.reports.claims import Result
from coopbench.reports.html.steps import StepChart, step_chart
from coopbench.reports.report import Report
from coopbench.reports.search.section import TargetSearch


@dataclass(frozen=True)
class LinkRow:
    """The searches on one benchmark."""

    benchmark: BenchmarkRecord
    cells: tuple[tuple[Result, ...], ...]
    """For each entrant that uses models, the results of its trials."""


@dataclass(frozen=True)
class SearchView:
    """A target's searches."""

    search: TargetSearch
    anchor: str
    charts: tuple[StepChart, ...]
    rows: tuple[LinkRow, ...]
    mishaps: tuple[str, ...]
    """Names of all mishaps, for the columns of their table."""

    @property
    def legend(self) -> tuple[tuple[str, int], ...]:
        """Every line's name and style, once."""
        return tuple({line.name: line.style for c in self.charts for line in c.lines}.items())


def search_views(report: Report) -> tuple[SearchView, ...]:
    """Lay out the searches of every target that has some."""
    by_id = {r.trial.id: r for r in report.results}
    return tuple(_view(s, f"models{i}", by_id) for i, s in enumerate(report.searches.targets))


def _view(search: TargetSearch, anchor: str, by_id: Mapping[str, Result]) -> SearchView:
    drawn = {c.entrant for p in search.plots for c in p.curves}
    order = [e.name for e in search.data.entrants if e.name in drawn]
    return SearchView(
        search,
        anchor,
        tuple(step_chart(p.curves, p.currency, order) for p in search.plots),
        tuple(_row(b, search, by_id) for b in search.data.benchmarks),
        tuple(sorted({name for s in search.spent for name, _ in s.mishaps})),
    )


def _row(benchmark: BenchmarkRecord, search: TargetSearch, by_id: Mapping[str, Result]) -> LinkRow:
    cells = (search.data.cell(s.entrant.name, benchmark.name) for s in search.spent)
    return LinkRow(benchmark, tuple(tuple(by_id[t.id] for t in c.trials) for c in cells))
