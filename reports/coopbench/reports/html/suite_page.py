"""The page of a run's programs: what each is, its noise, what compilers make of it, its hot spots."""

from dataclasses import dataclass

from coopbench.harness.record import BenchmarkRecord, HotSpot
from coopbench.reports import wording
from coopbench.reports.benchmarks import Summary
from coopbench.reports.html.charts import ForestFrame, ForestMark, forest
from coopbench.reports.html.page import render_page
from coopbench.reports.programs import ProgramFacts, program_facts
from coopbench.reports.report import Report

FILE = "programs.html"
_LEAST_SHARE = 0.005
"""Hot spots with less are not worth a line."""


@dataclass(frozen=True)
class CompilerLine:
    """What one compiler made of a program, and its place in the plot."""

    summary: Summary
    drawn: ForestMark | None


@dataclass(frozen=True)
class FactsView:
    """One program on one target."""

    facts: ProgramFacts
    frame: ForestFrame
    lines: tuple[CompilerLine, ...]
    hottest: tuple[HotSpot, ...]

    @property
    def worst(self) -> Summary | None:
        """The slowest that a compiler made of it; None if none has a number."""
        return next((s for s in self.facts.compilers if s.speedup is not None), None)


@dataclass(frozen=True)
class ProgramView:
    """One program on every target."""

    benchmark: BenchmarkRecord
    anchor: str
    targets: tuple[FactsView, ...]


@dataclass(frozen=True)
class SuiteView:
    """Everything the template is given."""

    report: Report
    programs: tuple[ProgramView, ...]
    profiled: bool
    """Whether any program's hot spots are known."""


def render_suite_html(report: Report, back: str = "") -> str:
    """Return the page of the run's programs; equal input gives equal bytes.

    Args:
        report: What the run found.
        back: Address of the run's report, relative to the page; empty for none.
    """
    return render_page(
        "programs.html.j2", view=arrange_suite(report), record=report.data.record, back=back
    )


def arrange_suite(report: Report) -> SuiteView:
    """Lay the programs out for the page, by group as in the suite, then in the run's order."""
    by_target = program_facts(report)
    margin = report.data.record.plan.margin
    programs = tuple(
        ProgramView(b, f"p{i}", tuple(_view(facts[i], margin) for facts in by_target))
        for i, b in enumerate(report.data.record.benchmarks)
    )
    return SuiteView(report, programs, any(v.hottest for p in programs for v in p.targets))


def _view(facts: ProgramFacts, margin: float) -> FactsView:
    plot = forest(((s.speedup, None) for s in facts.compilers), margin)
    lines = tuple(
        CompilerLine(
            s,
            plot.mark(s.speedup, None, f"{s.entrant.name}: {s.label}, {wording.times(s.speedup)}"),
        )
        for s in facts.compilers
    )
    hottest = () if facts.profile is None else facts.profile.hottest
    return FactsView(facts, plot.frame, lines, tuple(h for h in hottest if h.share >= _LEAST_SHARE))
