"""Results by benchmark: who did what to this program, and the best that compilers alone reach."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coopbench.harness.model import Interval, Target
from coopbench.harness.record import BenchmarkRecord, EntrantRecord
from coopbench.reports import wording
from coopbench.reports.claims import Mark, Result
from coopbench.reports.headroom import Ceiling, ceiling_of
from coopbench.reports.leaderboard import REFERENCE
from coopbench.reports.load import Cell, TargetData

_COMPILER_ONLY = ("compiler", "autotuner")
_SHORT = {
    "tool call failed": "tool call",
    "build failed": "build",
    "rejected by scan": "scan",
    "crashed": "crash",
    "timed out": "time-out",
    "wrong output": "wrong",
    "budget spent": "budget",
    "infra failed": "machine",
    "missing": wording.NOTHING,
}
"""Outcomes in one word, for tables with a column for each entrant."""


@dataclass(frozen=True)
class BenchmarkRow:
    """One trial on the benchmark, or a place where one is missing."""

    entrant: EntrantRecord
    result: Result | None
    """None if the planned trial was not made."""

    @property
    def mark(self) -> Mark:
        """How it is drawn."""
        return Mark.MISSING if self.result is None else self.result.mark


@dataclass(frozen=True)
class Summary:
    """A cell in one number: its repetitions' geometric mean, and their common verdict."""

    entrant: EntrantRecord
    mark: Mark
    speedup: float | None
    label: str

    @property
    def short(self) -> str:
        """The speedup, or in one word why there is none."""
        return (
            wording.ratio(self.speedup)
            if self.speedup is not None
            else _SHORT.get(self.label, self.label)
        )


@dataclass(frozen=True)
class BestCompiler:
    """The best that compilers alone reached on a program, the reference included."""

    name: str
    speedup: float
    interval: Interval | None
    mark: Mark | None
    """None for the reference itself."""


@dataclass(frozen=True)
class BenchmarkTable:
    """Every entrant on one benchmark and target."""

    benchmark: BenchmarkRecord
    target: Target
    rows: tuple[BenchmarkRow, ...]
    """Best first, expert versions among them."""
    summaries: tuple[Summary, ...]
    """One for each entrant that competes, in the plan's order."""
    best_compiler: BestCompiler | None
    """None if no compiler-only entrant was tried."""
    ceiling: Ceiling | None = None
    """What an expert version reached in this run; None without one."""


def build_tables(data: TargetData, results: Mapping[str, Result]) -> tuple[BenchmarkTable, ...]:
    """Return a table for each of the target's benchmarks."""
    return tuple(_table(b, data, results) for b in data.benchmarks)


def _table(
    benchmark: BenchmarkRecord, data: TargetData, results: Mapping[str, Result]
) -> BenchmarkTable:
    cells = [data.cell(e.name, benchmark.name) for e in data.entrants]
    rows = [
        BenchmarkRow(cell.entrant, result)
        for cell in cells
        for result in (*(results[t.id] for t in cell.trials), *(None,) * bool(cell.missing))
    ]
    above = data.above(benchmark.name)
    rows += [BenchmarkRow(c.entrant, results[t.id]) for c in above for t in c.trials]
    summaries = [_summary(cell, [results[t.id] for t in cell.trials]) for cell in cells]
    return BenchmarkTable(
        benchmark,
        data.target,
        tuple(sorted(rows, key=_order)),
        tuple(summaries),
        _best_compiler(cells, summaries, results),
        ceiling_of(above, results),
    )


def _order(row: BenchmarkRow) -> tuple[int, float]:
    """Best first; failures after them, then what is missing."""
    if row.result is None:
        return 2, 0.0
    if row.result.speedup is None:
        return 1, 0.0
    return 0, -row.result.speedup


def _summary(cell: Cell, found: Sequence[Result]) -> Summary:
    marks = {r.mark for r in found} | ({Mark.MISSING} if cell.missing else set())
    mark = next(
        (m for m in (Mark.MISSING, Mark.FAILED) if m in marks),
        marks.copy().pop() if len(marks) == 1 else Mark.UNCLAIMED,
    )
    speedups = [r.speedup for r in found if r.speedup is not None]
    speedup = None
    if speedups and len(speedups) == len(found) and not cell.missing:
        speedup = math.exp(math.fsum(map(math.log, speedups)) / len(speedups))
    labels = {r.label for r in found if r.mark is mark}
    label = labels.pop() if len(labels) == 1 else mark.value
    return Summary(cell.entrant, mark, speedup, label)


def _best_compiler(
    cells: Sequence[Cell], summaries: Sequence[Summary], results: Mapping[str, Result]
) -> BestCompiler | None:
    compilers = [(c, s) for c, s in zip(cells, summaries, strict=True) if _takes_part(c)]
    if not compilers:
        return None
    better = [(c, s, s.speedup) for c, s in compilers if s.speedup is not None and s.speedup > 1.0]
    if not better:
        return BestCompiler(REFERENCE, 1.0, None, None)
    cell, summary, speedup = max(better, key=lambda found: found[2])
    only = results[cell.trials[0].id] if len(cell.trials) == 1 else None
    return BestCompiler(
        summary.entrant.name, speedup, None if only is None else only.interval, summary.mark
    )


def _takes_part(cell: Cell) -> bool:
    return cell.entrant.kind in _COMPILER_ONLY and bool(cell.trials)
