"""What a store knows of a benchmark: when it was judged last, its cost, its ceilings, its best."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coopbench.harness.benchmark import Benchmark
from coopbench.harness.model import Interval, Metric, Outcome, Trial
from coopbench.harness.record import RunRecord
from coopbench.harness.store import Store


@dataclass(frozen=True)
class Reached:
    """A speedup that a stored trial reached on a target."""

    target: str
    entrant: str
    speedup: float
    interval: Interval | None
    metric: Metric
    run: str
    trial: str


@dataclass(frozen=True)
class Judged:
    """The last run in which the benchmark was admitted and judged."""

    run: str
    at: float
    """Unix time."""
    same: bool
    """Whether the benchmark is still what it was then."""
    targets: tuple[str, ...]
    trials: int
    failed: int
    """Trials whose candidate was not verified."""


@dataclass(frozen=True)
class Known:
    """Everything a store knows of one benchmark; only trials of the very same sources count."""

    judged: Judged | None
    seconds: float | None
    """CPU seconds of one call of the reference, clang -O3; None if it was never timed."""
    ceilings: tuple[Reached, ...]
    """The best expert version on each target."""
    best: tuple[Reached, ...]
    """The best that an entrant reached on each target."""


def known_of(store: Store, benchmarks: Iterable[Benchmark]) -> dict[str, Known]:
    """Return what a store knows of benchmarks, by name.

    Raises:
        UsageError: if the store is damaged.
    """
    wanted = {b.name: b.digest for b in benchmarks}
    found = {name: _Gathered() for name in wanted}
    for record in sorted(store.runs(), key=lambda r: r.created_at):
        digests = {b.name: b.digest for b in record.benchmarks if b.name in wanted}
        if not digests:
            continue
        trials = store.trials(record.id)
        for name, digest in digests.items():
            of_it = [t for t in trials if t.benchmark == name]
            found[name].add(record, of_it, same=digest == wanted[name])
    return {name: gathered.known() for name, gathered in found.items()}


class _Gathered:
    """What was found of one benchmark so far, runs in the order of time."""

    def __init__(self) -> None:
        self.judged: Judged | None = None
        self.seconds: float | None = None
        self.ceilings: dict[str, Reached] = {}
        self.best: dict[str, Reached] = {}

    def add(self, record: RunRecord, trials: Sequence[Trial], *, same: bool) -> None:
        """Take a run's trials of the benchmark into account."""
        own = [t for t in trials if t.control is None and t.ablation is None]
        if not own:
            return
        targets = dict.fromkeys(t.target for t in own)
        failed = sum(not t.outcome.correct for t in own)
        self.judged = Judged(record.id, record.created_at, same, tuple(targets), len(own), failed)
        if not same:
            return
        self.seconds = _seconds(trials) or self.seconds
        above = {e.name for e in record.entrants if e.kind == "ceiling"}
        for trial in own:
            reached = _reached(trial)
            if reached is not None:
                into = self.ceilings if trial.entrant in above else self.best
                before = into.get(reached.target)
                if before is None or reached.speedup > before.speedup:
                    into[reached.target] = reached

    def known(self) -> Known:
        """Return it all."""
        return Known(
            self.judged, self.seconds, tuple(self.ceilings.values()), tuple(self.best.values())
        )


def _reached(trial: Trial) -> Reached | None:
    """Return a trial's speedup if the referee found it faster."""
    m = trial.measurement
    if trial.outcome is not Outcome.FASTER or m is None or m.speedup is None:
        return None
    return Reached(
        trial.target, trial.entrant, m.speedup, m.interval, m.metric, trial.run, trial.id
    )


def _seconds(trials: Iterable[Trial]) -> float | None:
    """Return the reference's CPU seconds per call: the median of its launches' windows."""
    found = [
        block.launches[0].value / m.reps
        for t in trials
        if (m := t.measurement) is not None and m.metric is Metric.CPU_SECONDS
        for block in m.blocks
    ]
    return statistics.median(found) if found else None
