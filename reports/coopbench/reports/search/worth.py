"""What the test agent's inputs found that the visible tests had let pass."""

from collections.abc import Sequence
from dataclasses import dataclass

from coopbench.harness.model import Trial
from coopbench.harness.testworth import TestWorth
from coopbench.reports.search.spending import Spent


@dataclass(frozen=True)
class Worth:
    """The proposed tests of one entrant on one target, over all its trials that proposed any."""

    entrant: str
    trials: int
    """Trials in which tests were proposed."""
    total: TestWorth
    """Sums; the rejected candidates of all trials, in order."""
    rejecting: tuple[Trial, ...]
    """Trials in which a candidate that had passed the visible tests failed a proposed one."""

    @property
    def more(self) -> int:
        """Wrong mutants that only the proposed tests found."""
        return self.total.killed_with_proposed - self.total.killed_visible

    @property
    def escaped(self) -> int:
        """Wrong mutants that neither found."""
        return self.total.wrong - self.total.killed_with_proposed


def worths(spent: Sequence[Spent]) -> tuple[Worth, ...]:
    """Sum up what proposed tests were worth, for each entrant that proposed some."""
    found = []
    for s in spent:
        measured = [(t, t.test_worth) for t in s.trials if t.test_worth is not None]
        if measured:
            total = _sum([w for _, w in measured])
            rejecting = tuple(t for t, w in measured if w.rejected_candidates)
            found.append(Worth(s.entrant.name, len(measured), total, rejecting))
    return tuple(found)


def _sum(parts: Sequence[TestWorth]) -> TestWorth:
    return TestWorth(
        mutants=sum(w.mutants for w in parts),
        wrong=sum(w.wrong for w in parts),
        killed_visible=sum(w.killed_visible for w in parts),
        killed_with_proposed=sum(w.killed_with_proposed for w in parts),
        beyond_ladder=sum(w.beyond_ladder for w in parts),
        rejected_candidates=tuple(c for w in parts for c in w.rejected_candidates),
        accepted=sum(w.accepted for w in parts),
        refused=sum(w.refused for w in parts),
    )
