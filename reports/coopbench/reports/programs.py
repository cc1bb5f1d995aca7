"""What a run tells of its programs, whoever competed: cost, noise, what compilers alone make of them."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coopbench.harness.model import Decision, Measurement, Metric, Target, Trial
from coopbench.harness.record import BenchmarkRecord, Profile
from coopbench.reports.benchmarks import BenchmarkTable, BestCompiler, Summary
from coopbench.reports.headroom import Ceiling
from coopbench.reports.report import Report, TargetReport

_BY_COMPILERS = ("compiler", "autotuner")


@dataclass(frozen=True)
class Noise:
    """How well one program's time can be told on this machine; None where it was not timed."""

    per_pair: float | None
    """Median of the measurements' robust standard deviations of a pair's log ratio."""
    mde: float | None
    """Median of the smallest differences that the measurements would have found."""
    measurements: int
    false_alarms: int
    """A/A controls on the program that found a difference."""
    controls: int
    """A/A controls on the program."""


@dataclass(frozen=True)
class ProgramFacts:
    """One program on one target."""

    benchmark: BenchmarkRecord
    target: Target
    seconds: float | None
    """CPU seconds of one call (kernel) or run (program) of the reference; None if not timed."""
    instructions: float | None
    """Instructions of one call or run of the reference; None if not counted."""
    noise: Noise
    compilers: tuple[Summary, ...]
    """What compilers and autotuners made of it, slowest first; without a number: last."""
    best_compiler: BestCompiler | None
    ceiling: Ceiling | None
    profile: Profile | None
    """Where the reference spends its instructions; None if that was not recorded."""


def program_facts(report: Report) -> tuple[tuple[ProgramFacts, ...], ...]:
    """Return the facts of each target's programs, in the report's order."""
    profiles = {(p.benchmark, p.target): p for p in report.data.record.profiles}
    return tuple(tuple(_facts(table, t, profiles) for table in t.tables) for t in report.targets)


def _facts(
    table: BenchmarkTable, target: TargetReport, profiles: dict[tuple[str, str], Profile]
) -> ProgramFacts:
    name, data = table.benchmark.name, target.data
    of_it = [
        t
        for t in (*data.trials, *data.controls, *(t for c in data.ceilings for t in c.trials))
        if t.benchmark == name
    ]
    measured = [t.measurement for t in of_it if t.measurement is not None]
    profile = profiles.get((name, data.target.name))
    return ProgramFacts(
        benchmark=table.benchmark,
        target=data.target,
        seconds=_seconds(measured),
        instructions=_instructions(measured, profile),
        noise=_noise(of_it),
        compilers=_by_compilers(table.summaries),
        best_compiler=table.best_compiler,
        ceiling=table.ceiling,
        profile=profile,
    )


def _by_compilers(summaries: Iterable[Summary]) -> tuple[Summary, ...]:
    found = [s for s in summaries if s.entrant.kind in _BY_COMPILERS]
    return tuple(sorted(found, key=lambda s: (s.speedup is None, s.speedup or 0.0)))


def _seconds(measured: Iterable[Measurement]) -> float | None:
    costs = [
        block.launches[0].value / m.reps
        for m in measured
        if m.metric is Metric.CPU_SECONDS
        for block in m.blocks
    ]
    return statistics.median(costs) if costs else None


def _instructions(measured: Iterable[Measurement], profile: Profile | None) -> float | None:
    counts = [m.baseline_instructions for m in measured if m.baseline_instructions is not None]
    if counts:
        return statistics.median_low(counts)
    return None if profile is None else float(profile.instructions)


def _noise(trials: Sequence[Trial]) -> Noise:
    timed = [
        t.measurement
        for t in trials
        if t.measurement is not None and t.measurement.metric is Metric.CPU_SECONDS
    ]
    noises = [m.noise for m in timed if m.noise is not None]
    smallest = [m.mde for m in timed if m.mde is not None]
    same = [t.measurement for t in trials if t.control == "aa" and t.measurement is not None]
    return Noise(
        per_pair=statistics.median(noises) if noises else None,
        mde=statistics.median(smallest) if smallest else None,
        measurements=len(noises),
        false_alarms=sum(m.decision in (Decision.FASTER, Decision.SLOWER) for m in same),
        controls=len(same),
    )
