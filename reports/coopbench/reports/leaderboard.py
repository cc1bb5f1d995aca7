"""One target's leaderboard: every entrant's score, with what it is worth.

The reference is the baseline arm of every measurement: clang -O3 of the pinned LLVM for the
same CPU features. Nothing is ranked before a run has ended, as the missing trials could change
every place; then only entrants whose every planned trial is there, the others are listed below.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from coopbench.harness.measure.aggregate import Aggregate, Score, aggregate
from coopbench.harness.measure.ranks import Entry, Ranking, Standing, rank
from coopbench.harness.model import Interval, Outcome, Target
from coopbench.harness.record import EntrantRecord
from coopbench.reports.claims import Mark, Result
from coopbench.reports.headroom import Headroom, find_headroom
from coopbench.reports.load import Cell, TargetData
from coopbench.reports.scores import combine, score_trial

REFERENCE = "clang -O3"
"""What every speedup is relative to: of the pinned LLVM, for the target's CPU features."""


@dataclass(frozen=True)
class Row:
    """One entrant on one target."""

    entrant: EntrantRecord
    trials: int
    """Trials that were made; each is in the denominator."""
    missing: int
    """Planned trials that were not made."""
    summary: Aggregate | None
    """Main score: a failure counts as ratio 1. None without any trial."""
    without_failures: Aggregate | None
    """Second score, over the verified trials alone. None without any."""
    standing: Standing | None
    """Place among the ranked; None if not ranked."""
    faster: int
    """Trials claimed faster (fewer instructions) after Holm's correction."""
    slower: int
    failures: tuple[tuple[Outcome, int], ...]
    """Failed trials by outcome, in the order of the outcomes' list."""
    headroom: float | None = None
    """Share of the headroom that it took; None without ceilings, or with trials missing."""

    @property
    def is_null(self) -> bool:
        """Whether the entrant changes nothing that matters: the visible noise floor."""
        return self.entrant.kind == "null"

    @property
    def failed(self) -> int:
        """Number of failed trials."""
        return sum(n for _, n in self.failures)

    @property
    def share_faster(self) -> float | None:
        """Share of the trials claimed faster; None without any trial."""
        return self.faster / self.trials if self.trials else None


@dataclass(frozen=True)
class Leaderboard:
    """All entrants on one target, best first; those not ranked follow."""

    target: Target
    rows: tuple[Row, ...]
    ranking: Ranking | None
    """None if nothing may be ranked: controls failed, trials are missing, or no entrant is
    complete."""
    alarm: str
    """Why this board claims nothing; empty if it may."""
    headroom: Headroom | None = None
    """How much there is to gain, by expert versions; None if none was judged."""

    @property
    def ranked(self) -> tuple[Row, ...]:
        """Rows with a place."""
        return tuple(r for r in self.rows if r.standing is not None)

    @property
    def noise_floor(self) -> Interval | None:
        """Span of the null entrants' intervals: scores in it mean nothing. None without any."""
        suites = [r.summary.suite for r in self.rows if r.is_null and r.summary is not None]
        if not suites:
            return None
        low, high = min(s.low for s in suites), max(s.high for s in suites)
        return Interval(low=low, high=high, confidence=suites[0].confidence)

    @property
    def leader(self) -> Row | None:
        """The best ranked entrant that is not a null entrant."""
        return next((r for r in self.ranked if not r.is_null), None)

    @property
    def level_with_leader(self) -> tuple[str, ...]:
        """Other entrants that the ranking does not tell apart from the leader."""
        leader = self.leader
        if leader is None or self.ranking is None:
            return ()
        name = leader.entrant.name
        apart = {
            other
            for c in self.ranking.comparisons
            if c.adjusted_p <= self.ranking.alpha
            for one, other in ((c.better, c.worse), (c.worse, c.better))
            if one == name
        }
        return tuple(
            r.entrant.name
            for r in self.ranked
            if r.entrant.name != name and r.entrant.name not in apart
        )


@dataclass(frozen=True)
class Basis:
    """What a leaderboard rests on."""

    run: str
    """Run id; the resampling's seed comes from it, so that a report can be made again."""
    alpha: float
    """Family-wise error of the tiers, and one minus the intervals' confidence."""
    finished: bool
    """Whether the run has ended; before that nothing is ranked if trials are missing."""
    alarm: str = ""
    """Why nothing may be claimed; empty if the controls are healthy."""


@dataclass(frozen=True)
class _Settings:
    alpha: float
    seed: int


def build_leaderboard(data: TargetData, results: Mapping[str, Result], basis: Basis) -> Leaderboard:
    """Score and rank a target's entrants.

    Args:
        data: The target's tables.
        results: Result of each trial, by trial id.
        basis: What the board rests on.
    """
    settings = _Settings(basis.alpha, _seed(basis.run, data.target.name))
    ranking = None
    if not basis.alarm and (basis.finished or data.missing == 0):
        ranking = _rank(data, results, settings)
    standings = {} if ranking is None else {s.entrant: s for s in ranking.standings}
    rows = [
        _row(e, data.row(e.name), results, standings.get(e.name), settings) for e in data.entrants
    ]
    headroom = None if basis.alarm else find_headroom(data, results)
    if headroom is not None:
        rows = [
            replace(r, headroom=headroom.share(data.row(r.entrant.name), results)) for r in rows
        ]
    ordered = tuple(sorted(rows, key=_order))
    return Leaderboard(data.target, ordered, ranking, basis.alarm, headroom)


def _rank(data: TargetData, results: Mapping[str, Result], settings: _Settings) -> Ranking | None:
    """Rank the entrants whose every trial is there; None if there is none."""
    rows = {e.name: data.row(e.name) for e in data.entrants}
    entries = [
        Entry(entrant=name, scores=tuple(_scores(cells, results)))
        for name, cells in rows.items()
        if cells and not any(c.missing for c in cells)
    ]
    return rank(entries, seed=settings.seed, alpha=settings.alpha) if entries else None


def _row(
    entrant: EntrantRecord,
    cells: Sequence[Cell],
    results: Mapping[str, Result],
    standing: Standing | None,
    settings: _Settings,
) -> Row:
    found = [results[t.id] for c in cells for t in c.trials]
    marks = Counter(r.mark for r in found)
    failed = Counter(r.trial.outcome for r in found if r.mark is Mark.FAILED)
    verified = _scores(cells, results, verified=True)
    return Row(
        entrant=entrant,
        trials=len(found),
        missing=sum(c.missing for c in cells),
        summary=_aggregate(_scores(cells, results), settings),
        without_failures=_aggregate(verified, settings),
        standing=standing,
        faster=marks[Mark.FASTER],
        slower=marks[Mark.SLOWER],
        failures=tuple((o, failed[o]) for o in Outcome if failed[o]),
    )


def _scores(
    cells: Sequence[Cell], results: Mapping[str, Result], *, verified: bool = False
) -> list[Score]:
    """Return one score for each cell that has trials (only verified ones, if so asked)."""
    scores = []
    for cell in cells:
        of_cell = [score_trial(results[t.id]) for t in cell.trials]
        if verified:
            of_cell = [s for s in of_cell if s.correct]
        if of_cell:
            scores.append(combine(of_cell))
    return scores


def _aggregate(scores: Sequence[Score], settings: _Settings) -> Aggregate | None:
    if not scores:
        return None
    return aggregate(scores, seed=settings.seed, alpha=settings.alpha)


def _order(row: Row) -> tuple[int, int, float, str]:
    """Ranked rows by score, then the incomplete by score, then those without a trial."""
    group = 2 if row.summary is None else 1 if row.missing else 0
    place = 0 if row.standing is None else row.standing.rank
    score = 0.0 if row.summary is None else row.summary.geomean
    return group, place, -score, row.entrant.name


def _seed(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:8], "big")
