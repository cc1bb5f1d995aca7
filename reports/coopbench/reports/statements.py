"""What a run can and cannot say: its controls, its power, its gaps, each with a remedy."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from coopbench.harness.absences import grouped
from coopbench.harness.measure.aggregate import FEW_BENCHMARKS
from coopbench.harness.measure.controls import (
    PLANTED_SLOWDOWN,
    AaResult,
    ControlReport,
    PlantedResult,
    judge_controls,
)
from coopbench.harness.measure.multiplicity import bonferroni_alpha
from coopbench.harness.measure.power import mde
from coopbench.harness.model import Measurement, Metric, Outcome
from coopbench.reports.claims import Mark, Result
from coopbench.reports.leaderboard import Leaderboard
from coopbench.reports.load import ReportData, TargetData, ranked
from coopbench.reports.wording import level, percent, plural, ratio, times

PLANTED_SPEEDUP = 1 / (1 + PLANTED_SLOWDOWN)
"""Planted controls slow the candidate down by about 2 %; only the direction is judged."""

Tone = Literal["good", "info", "warn", "bad"]
"""Kind of a statement: it holds, it limits, something lacks, something is wrong."""
_ORDER: tuple[Tone, ...] = ("bad", "good", "info", "warn")


@dataclass(frozen=True)
class Statement:
    """One sentence about the run as a whole."""

    tone: Tone
    text: str
    remedy: str = ""
    brief: bool = False
    """Whether the compact table in the terminal has it too, whatever its tone."""


def judge_target(data: TargetData, alpha: float) -> ControlReport | None:
    """Judge a timed target's controls; None where counts are exact and none are needed."""
    if data.target.emulated:
        return None
    measured = [
        (t, t.measurement)
        for t in data.controls
        if t.measurement is not None and t.measurement.speedup is not None
    ]
    return judge_controls(
        [AaResult.of(t.benchmark, m) for t, m in measured if t.control == "aa"],
        [
            PlantedResult.of(t.benchmark, PLANTED_SPEEDUP, m)
            for t, m in measured
            if t.control == "planted"
        ],
        alpha,
    )


def make_statements(
    data: ReportData,
    results: Sequence[Result],
    controls: Sequence[ControlReport | None],
    boards: Sequence[Leaderboard],
    more: Sequence[Statement] = (),
) -> tuple[Statement, ...]:
    """Return what is to be said about the run: trouble, what holds, its limits, its gaps.

    Args:
        data: The report's tables.
        results: Every trial's result.
        controls: Judgement of each target's controls, in the order of `data.targets`.
        boards: Leaderboards in the same order.
        more: What else there is to say, of searches with models.
    """
    statements = [*_coverage(data), *_trouble(data, results)]
    for target, judged, board in zip(data.targets, controls, boards, strict=True):
        statements += _target(target, judged, board, results, data.record.plan.alpha)
    statements += [*_claims(data, results), *more, *_suite(data), *_surroundings(data)]
    return tuple(sorted(statements, key=lambda s: _ORDER.index(s.tone)))


def _coverage(data: ReportData) -> list[Statement]:
    done = sum(len(c.trials) for d in data.targets for c in (*d.cells, *d.ceilings))
    planned = done + data.missing
    if data.missing == 0 and not data.absent:
        return [Statement("good", f"All {plural(done, 'planned trial')} were made.")]
    found = []
    if data.missing:
        text = f"{data.missing} of {plural(planned, 'planned trial')} were not made"
        if data.record.status == "finished":
            found.append(Statement("warn", f"{text}: the entrant does not exist for the target."))
        else:
            why = f"{text}: the run is {data.record.status}."
            found.append(Statement("bad", why, f"coopbench run --resume {data.record.id}"))
    if data.absent:
        found.append(Statement("warn", f"Planned, but not there: {', '.join(data.absent)}."))
    return found


def _trouble(data: ReportData, results: Sequence[Result]) -> list[Statement]:
    found = []
    if any(r.plan.unsafe_no_sandbox for r in data.records):
        found.append(
            Statement(
                "bad",
                "Candidates ran without a sandbox: they could have read the hidden inputs or"
                " changed the measurement.",
                "install bubblewrap and run again without --unsafe-no-sandbox",
            )
        )
    failed = sum(r.trial.outcome is Outcome.INFRA_FAILED and ranked(r.trial) for r in results)
    if failed:
        found.append(
            Statement(
                "bad",
                f"{plural(failed, 'trial')} ended by trouble of the machine, not of the candidate;"
                " in the scores that counts as ratio 1, like any failure.",
                "see the reasons below, then run again",
            )
        )
    return found


def _target(
    data: TargetData,
    judged: ControlReport | None,
    board: Leaderboard,
    results: Sequence[Result],
    alpha: float,
) -> list[Statement]:
    name = data.target.name
    if judged is None:
        return [
            Statement(
                "info",
                f"{name} is emulated: executed instructions were counted, never time. The counts"
                " are exact, and say nothing about speed on a real processor.",
                f"run on an {data.target.arch} machine to measure time",
            ),
            *_headroom(data, board, results),
        ]
    return [
        Statement("good" if judged.healthy else "bad", f"{name}: {judged.statement}"),
        *_power(data, results, alpha),
        *(_noise_floor(name, board) if judged.healthy else []),
        *_headroom(data, board, results),
    ]


def _headroom(data: TargetData, board: Leaderboard, results: Sequence[Result]) -> list[Statement]:
    """Say how much there is to gain by expert versions, and which of those failed."""
    name, room = data.target.name, board.headroom
    failed = [
        r.trial.benchmark
        for r in results
        if r.ceiling and r.mark is Mark.FAILED and r.trial.target == name
    ]
    found = [
        Statement("warn", f"{name}: the expert version of {benchmark} failed and shows nothing.")
        for benchmark in failed
    ]
    if room is not None:
        text = (
            f"{name}: expert versions show headroom on {len(room)} of"
            f" {plural(room.benchmarks, 'benchmark')}, {times(room.geomean)} by geometric mean;"
            " they are not ranked."
        )
        found.append(Statement("info", text))
    return found


def _noise_floor(name: str, board: Leaderboard) -> list[Statement]:
    floor = board.noise_floor
    if floor is None:
        return []
    if floor.low == floor.high == 1.0:
        text = "entrants that change nothing gave the reference's very binaries, and score 1."
    else:
        text = (
            f"entrants that change nothing score between {ratio(floor.low)} and"
            f" {ratio(floor.high)}: a score in that range means nothing."
        )
    return [Statement("info", f"{name}: {text}")]


def _power(data: TargetData, results: Sequence[Result], alpha: float) -> list[Statement]:
    tested = [r for r in results if r.adjusted_p is not None]
    here = [
        r.trial.measurement
        for r in tested
        if r.trial.target == data.target.name and r.trial.measurement is not None
    ]
    alone = [m.mde for m in here if m.mde is not None]
    if not alone:
        return []
    text = (
        f"{data.target.name}: a typical measurement by itself finds a difference of"
        f" {percent(statistics.median(alone))} with 80 % probability (the best"
        f" {percent(min(alone))}, the worst {percent(max(alone))})."
    )
    claimable = _claimable(here, bonferroni_alpha(alpha, len(tested)))
    if claimable is not None:
        text += f" To be claimed among {len(tested)} it has to be about {percent(claimable)}."
    return [Statement("info", text, "more pairs, or a quieter machine")]


def _claimable(measurements: Sequence[Measurement], alpha: float) -> float | None:
    """Return the median effect that is found at the level left when all claims must hold."""
    sizes = [
        mde(m.noise, len(m.blocks), alpha)
        for m in measurements
        if m.noise is not None and m.metric is Metric.CPU_SECONDS
    ]
    known = [s for s in sizes if s is not None]
    return statistics.median(known) if known else None


def _claims(data: ReportData, results: Sequence[Result]) -> list[Statement]:
    tested = [r for r in results if r.adjusted_p is not None]
    if not tested:
        return []
    claimed = sum(r.claimed for r in tested)
    unclaimed = sum(r.mark is Mark.UNCLAIMED for r in tested)
    text = f"{plural(len(tested), 'timed comparison')}: {claimed} claimed as different"
    if claimed:
        text += (
            f" (the probability that any of these is a false alarm is at most"
            f" {level(data.record.plan.alpha)}, by Holm's correction)"
        )
    if unclaimed:
        text += f", {unclaimed} found different but not claimed"
    text += "."
    return [Statement("info", text)]


def _suite(data: ReportData) -> list[Statement]:
    number = len(data.record.benchmarks)
    if number >= FEW_BENCHMARKS:
        return []
    return [
        Statement(
            "warn",
            f"Only {plural(number, 'benchmark')}: what is said about programs like these is a"
            " rough guess.",
            f"use a suite of at least {FEW_BENCHMARKS}",
        )
    ]


def _surroundings(data: ReportData) -> list[Statement]:
    targets = [t.name for t in data.record.plan.targets]
    missing = [
        Statement("warn", f"Not available: {u.what} ({u.why}).", u.remedy)
        for u in grouped(data.record.unavailable, targets)
    ]
    return [*missing, *(Statement("warn", f"Machine: {w}") for w in data.record.machine.warnings)]
