"""How much there is to gain, by expert versions judged in the same run, and who took how much.

A speedup s under a ceiling c took the share log s / log c of the headroom: 0 is the reference,
1 the expert version, above 1 means that the expert was beaten. Over several benchmarks the share
is that of the summed logarithms, so that a program with much headroom counts for more than one
with little, and noise over a low ceiling does not blow up.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coopbench.harness.model import Interval
from coopbench.reports.claims import Mark, Result
from coopbench.reports.load import Cell, TargetData
from coopbench.reports.scores import combine, score_trial

LEAST = 1.1
"""An expert version that gains less shows no headroom that scores could be told in."""


@dataclass(frozen=True)
class Ceiling:
    """The best expert version of one benchmark on one target."""

    name: str
    """Who handed it in."""
    speedup: float
    interval: Interval | None
    """None where the ratio is exact, or over several repetitions."""

    def share(self, speedup: float | None) -> float | None:
        """Return the share of the headroom that a speedup took; None if it was not measured."""
        return None if speedup is None else math.log(speedup) / math.log(self.speedup)


@dataclass(frozen=True)
class Headroom:
    """The ceilings of one target's benchmarks."""

    ceilings: Mapping[str, Ceiling]
    """By benchmark; those without a ceiling are left out."""
    benchmarks: int
    """Number of the run's benchmarks, with a ceiling or without."""

    @property
    def geomean(self) -> float:
        """Geometric mean of the ceilings."""
        return math.exp(math.fsum(math.log(c.speedup) for c in self.ceilings.values()) / len(self))

    def __len__(self) -> int:
        return len(self.ceilings)

    def share(self, cells: Sequence[Cell], results: Mapping[str, Result]) -> float | None:
        """Return the share of the headroom that an entrant took; a failure took none.

        None if a trial is missing on a benchmark with a ceiling.
        """
        below = [c for c in cells if c.benchmark.name in self.ceilings]
        if not below or any(c.missing or not c.trials for c in below):
            return None
        taken = (combine([score_trial(results[t.id]) for t in c.trials]).effective for c in below)
        there = (math.log(self.ceilings[c.benchmark.name].speedup) for c in below)
        return math.fsum(taken) / math.fsum(there)


def find_headroom(data: TargetData, results: Mapping[str, Result]) -> Headroom | None:
    """Return a target's ceilings; None if no expert version was judged, or none was faster."""
    found = {b.name: ceiling_of(data.above(b.name), results) for b in data.benchmarks}
    ceilings = {name: ceiling for name, ceiling in found.items() if ceiling is not None}
    return Headroom(ceilings, len(data.benchmarks)) if ceilings else None


def ceiling_of(cells: Sequence[Cell], results: Mapping[str, Result]) -> Ceiling | None:
    """Return the best of a benchmark's expert versions; None if none is clearly faster."""
    found = [c for cell in cells for c in _measured(cell, [results[t.id] for t in cell.trials])]
    return max(found, key=lambda c: c.speedup, default=None)


def _measured(cell: Cell, found: Sequence[Result]) -> list[Ceiling]:
    """Return a cell's ceiling; none unless every repetition was found faster."""
    if not found or any(r.mark is not Mark.FASTER or r.speedup is None for r in found):
        return []
    speedup = math.exp(combine([score_trial(r) for r in found]).effective)
    interval = found[0].interval if len(found) == 1 else None
    return [Ceiling(cell.entrant.name, speedup, interval)] if speedup >= LEAST else []
