"""From a stored run to frozen tables: what was planned, what was done and what is missing.

Nothing is judged here. The tables say which trials belong to which cell (entrant x
benchmark x target), and refuse to mix trials that were not made under the same conditions.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from coopbench.harness.errors import UsageError
from coopbench.harness.model import Target, Trial
from coopbench.harness.record import BenchmarkRecord, EntrantRecord, RunRecord


@dataclass(frozen=True)
class Cell:
    """One entrant on one benchmark and target: its trials, and how many are missing."""

    entrant: EntrantRecord
    benchmark: BenchmarkRecord
    target: Target
    trials: tuple[Trial, ...]
    """In order of run and repetition."""
    missing: int
    """Planned trials that the store does not hold (the run has not finished, or the entrant
    does not exist for the target)."""


@dataclass(frozen=True)
class TargetData:
    """Everything a run holds for one target."""

    target: Target
    entrants: tuple[EntrantRecord, ...]
    benchmarks: tuple[BenchmarkRecord, ...]
    cells: tuple[Cell, ...]
    """One for each entrant and benchmark, in the plan's order (entrants outermost)."""
    controls: tuple[Trial, ...]
    """A/A and planted-effect trials, which are no entrant's."""
    ablations: tuple[Trial, ...]
    """Winners without one level's edits: shown beside their winners, never ranked."""
    ceilings: tuple[Cell, ...] = ()
    """Expert versions, which show how much there is to gain; never ranked."""

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Cell]:
        return {(c.entrant.name, c.benchmark.name): c for c in self.cells}

    def cell(self, entrant: str, benchmark: str) -> Cell:
        """Return the cell of that entrant and benchmark (KeyError if there is none)."""
        return self._by_name[entrant, benchmark]

    def row(self, entrant: str) -> tuple[Cell, ...]:
        """Return an entrant's cells, one for each benchmark."""
        return tuple(c for c in self.cells if c.entrant.name == entrant)

    def above(self, benchmark: str) -> tuple[Cell, ...]:
        """Return the cells of a benchmark's expert versions."""
        return tuple(c for c in self.ceilings if c.benchmark.name == benchmark)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The entrants' trials, without controls, ablations and expert versions."""
        return tuple(t for c in self.cells for t in c.trials)

    @property
    def missing(self) -> int:
        """Number of planned trials that the store does not hold."""
        return sum(c.missing for c in self.cells)


@dataclass(frozen=True)
class ReportData:
    """A run (or several under the same conditions) as tables; input of every report."""

    record: RunRecord
    pooled: tuple[RunRecord, ...]
    """Further runs whose trials count as further repetitions."""
    targets: tuple[TargetData, ...]
    absent: tuple[str, ...]
    """Entrants and benchmarks that the plan names and the run did not have."""

    @property
    def records(self) -> tuple[RunRecord, ...]:
        """All runs in the report."""
        return (self.record, *self.pooled)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Every trial exactly once: each target's entrants, controls, ablations, expert versions."""
        return tuple(
            t
            for d in self.targets
            for t in (
                *(*d.trials, *d.controls, *d.ablations),
                *(t for c in d.ceilings for t in c.trials),
            )
        )

    @property
    def missing(self) -> int:
        """Number of planned trials that the store does not hold."""
        return sum(c.missing for d in self.targets for c in (*d.cells, *d.ceilings))

    def competes(self, trial: Trial) -> bool:
        """Whether a trial is that of an entrant that can be ranked."""
        return ranked(trial) and trial.entrant not in self._above

    @cached_property
    def _above(self) -> frozenset[str]:
        return frozenset(e.name for e in self.record.entrants if is_ceiling(e))


def load_report(
    record: RunRecord, trials: Iterable[Trial], pooled: Sequence[RunRecord] = ()
) -> ReportData:
    """Arrange a run's trials in tables.

    The result does not depend on the order of `trials`.

    Args:
        record: The run.
        trials: Its trials, and those of the `pooled` runs.
        pooled: Further runs made under the same conditions.

    Raises:
        UsageError: if the runs' conditions differ, a trial belongs to none of the runs, names
            something its run does not have, or is there twice.
    """
    for other in pooled:
        require_same_conditions(record, other)
    runs = [r.id for r in (record, *pooled)]
    if len(set(runs)) < len(runs):
        raise UsageError(f"run {record.id} is given twice: name every run once")
    ordered = _checked(record, trials, runs)
    planned = sum(r.plan.repetitions for r in (record, *pooled))
    targets = tuple(_target_data(record, t, ordered, planned) for t in record.plan.targets)
    have = {e.name for e in record.entrants} | {b.name for b in record.benchmarks}
    names = (*record.plan.entrants, *record.plan.benchmarks)
    return ReportData(record, tuple(pooled), targets, tuple(n for n in names if n not in have))


def ranked(trial: Trial) -> bool:
    """Whether a trial is an entrant's own: neither a control nor a part of another's winner."""
    return trial.control is None and trial.ablation is None


def is_ceiling(entrant: EntrantRecord) -> bool:
    """Whether an entrant hands in expert versions, which are shown and never ranked."""
    return entrant.kind == "ceiling"


def conditions(record: RunRecord) -> dict[str, object]:
    """Return what must be equal before trials of two runs may be pooled, by name."""
    return {
        "machine fingerprint": record.machine.fingerprint,
        "protocol version": record.protocol_version,
        "plan": record.plan,
        "toolchains": record.toolchains,
        "sandbox": record.sandbox,
        "benchmark sources": {b.name: b.digest for b in record.benchmarks},
        "entrants": {e.name: e.version for e in record.entrants},
    }


def require_same_conditions(first: RunRecord, second: RunRecord) -> None:
    """Raise UsageError, naming the first difference, unless two runs may be pooled."""
    ours, theirs = conditions(first), conditions(second)
    for name, value in ours.items():
        if value != theirs[name]:
            raise UsageError(
                f"runs {first.id} and {second.id} cannot be pooled: they differ in {name};"
                " report them separately"
            )


def _checked(record: RunRecord, trials: Iterable[Trial], runs: list[str]) -> list[Trial]:
    """Return the trials in canonical order after checking each against the record."""
    known_targets = {t.name for t in record.plan.targets}
    known_benchmarks = {b.name for b in record.benchmarks}
    known_entrants = {e.name for e in record.entrants}
    ordered = sorted(
        trials, key=lambda t: (runs.index(t.run) if t.run in runs else -1, t.repetition, t.id)
    )
    for trial in ordered:
        if trial.run not in runs:
            raise UsageError(
                f"trial {trial.id} belongs to run {trial.run}, not to {record.id}:"
                " runs made under different conditions are not pooled; report each run by itself"
            )
        for kind, name, known in (
            ("target", trial.target, known_targets),
            ("benchmark", trial.benchmark, known_benchmarks),
            ("entrant", trial.entrant, known_entrants),
        ):
            if name not in known and (kind != "entrant" or ranked(trial)):
                raise UsageError(
                    f"trial {trial.id} names {kind} {name!r}, which run {trial.run} does not have:"
                    " the store is damaged; take the run from its bundle or run it again"
                )
    _refuse_twice(ordered)
    return ordered


def _refuse_twice(trials: list[Trial]) -> None:
    ids = Counter(t.id for t in trials)
    places = Counter(
        f"{t.run}: {t.entrant} on {t.benchmark} for {t.target}, repetition {t.repetition}"
        for t in trials
        if ranked(t)
    )
    for what, count in (*ids.items(), *places.items()):
        if count > 1:
            raise UsageError(
                f"trial {what} is there {count} times: the store is damaged;"
                " take the run from its bundle or run it again"
            )


def _target_data(
    record: RunRecord, target: Target, trials: list[Trial], planned: int
) -> TargetData:
    of_cell: dict[tuple[str, str], list[Trial]] = defaultdict(list)
    here = [t for t in trials if t.target == target.name]
    for trial in here:
        if ranked(trial):
            of_cell[trial.entrant, trial.benchmark].append(trial)
    cells = tuple(
        Cell(e, b, target, tuple(found), max(0, planned - len(found)))
        for e in record.entrants
        for b in record.benchmarks
        for found in (of_cell[e.name, b.name],)
    )
    return TargetData(
        target,
        tuple(e for e in record.entrants if not is_ceiling(e)),
        record.benchmarks,
        tuple(c for c in cells if not is_ceiling(c.entrant)),
        controls=tuple(t for t in here if t.control is not None),
        ablations=tuple(t for t in here if t.ablation is not None),
        ceilings=tuple(c for c in cells if is_ceiling(c.entrant)),
    )
