"""What the report says of each trial, and which of the differences it claims.

A difference in CPU time is claimed if its anytime-valid p, adjusted by Holm over every timed
trial of the report, is at most the plan's alpha, the mean over layouts points the same way, and
the run's controls are healthy. A difference between exact counts needs no test. Everything
else is shown, and not claimed.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from coopbench.harness.measure.multiplicity import holm
from coopbench.harness.model import Decision, Interval, Measurement, Metric, Outcome, Trial
from coopbench.reports.load import ReportData, ranked


class Mark(StrEnum):
    """How a result is drawn: one shape and colour each."""

    FASTER = "faster"
    SLOWER = "slower"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"
    UNCLAIMED = "unclaimed"
    """A direction was found, but the report does not claim it."""
    IDENTICAL = "identical"
    FAILED = "failed"
    MISSING = "missing"


@dataclass(frozen=True)
class Result:
    """A trial as the report presents it."""

    trial: Trial
    mark: Mark
    adjusted_p: float | None
    """Holm-adjusted p; None for exact counts, identical binaries and failures."""
    why_not: str = ""
    """Why a direction that was found is not claimed."""
    ceiling: bool = False
    """Whether it is an expert version's: shown, never claimed."""

    @property
    def claimed(self) -> bool:
        """Whether the report claims a difference."""
        shown_only = self.ceiling or self.trial.ablation is not None
        return self.mark in (Mark.FASTER, Mark.SLOWER) and not shown_only

    @property
    def speedup(self) -> float | None:
        """Point estimate; 1 for an identical binary, None if nothing was measured."""
        if self.mark is Mark.IDENTICAL:
            return 1.0
        if not self.trial.outcome.correct or self.trial.measurement is None:
            return None
        return self.trial.measurement.speedup

    @property
    def interval(self) -> Interval | None:
        """Interval of the speedup; None where the ratio is exact or nothing was measured."""
        measurement = self.trial.measurement
        if self.speedup is None or measurement is None:
            return None
        if self.mark is Mark.IDENTICAL or measurement.metric is Metric.INSTRUCTIONS:
            return None
        return measurement.interval

    @property
    def label(self) -> str:
        """The verdict in words."""
        if self.mark is Mark.FAILED:
            return self.trial.outcome.value.replace("_", " ")
        if self.mark is Mark.UNCLAIMED:
            return f"{self.trial.outcome.value}, not claimed"
        if _exact(self.trial.measurement):
            return {Mark.FASTER: "fewer", Mark.SLOWER: "more", Mark.EQUIVALENT: "equal"}.get(
                self.mark, self.mark.value
            )
        return self.mark.value


def judge_results(data: ReportData, distrusted: Collection[str] = ()) -> tuple[Result, ...]:
    """Present every trial of the report, controls and ablations included, in its order.

    Args:
        data: The report's tables.
        distrusted: Targets whose controls failed: nothing timed on them is claimed.
    """
    adjusted = holm_over(t for t in data.trials if data.competes(t))
    alpha = data.record.plan.alpha
    return tuple(
        _judge(trial, adjusted.get(trial.id), alpha, healthy=trial.target not in distrusted)
        if data.competes(trial)
        else _shown(trial)
        for trial in data.trials
    )


def holm_over(trials: Iterable[Trial]) -> dict[str, float]:
    """Return the Holm-adjusted p by trial id, over the verified trials that have a p."""
    tested = [
        (t.id, t.measurement.p_value)
        for t in trials
        if t.outcome.correct and t.measurement is not None and t.measurement.p_value is not None
    ]
    return dict(zip((i for i, _ in tested), holm([p for _, p in tested]), strict=True))


def _shown(trial: Trial) -> Result:
    """Present a trial of which nothing is claimed: the measurement's own decision stands."""
    result = _judge(trial, None, 1.0, healthy=True)
    mark = result.mark
    if mark is Mark.UNCLAIMED and trial.measurement is not None:
        mark = Mark(trial.measurement.decision.value)
    return Result(trial, mark, None, ceiling=ranked(trial))


def _judge(trial: Trial, adjusted: float | None, alpha: float, *, healthy: bool) -> Result:
    measurement = trial.measurement
    if not trial.outcome.correct:
        return Result(trial, Mark.FAILED, None)
    if trial.outcome is Outcome.NO_CHANGE or (
        measurement is not None and measurement.decision is Decision.IDENTICAL
    ):
        return Result(trial, Mark.IDENTICAL, None)
    if measurement is None:
        return Result(trial, Mark.INCONCLUSIVE, None)
    if measurement.decision not in (Decision.FASTER, Decision.SLOWER):
        return Result(trial, Mark(measurement.decision.value), adjusted)
    why_not = _why_not(measurement, adjusted, alpha, healthy=healthy)
    mark = Mark.UNCLAIMED if why_not else Mark(measurement.decision.value)
    return Result(trial, mark, adjusted, why_not)


def _why_not(
    measurement: Measurement, adjusted: float | None, alpha: float, *, healthy: bool
) -> str:
    """Return the reason not to claim a direction; empty if it is claimed."""
    if _exact(measurement):
        return ""
    if not healthy:
        return "the controls failed"
    if adjusted is None:
        return "no p-value was recorded"
    if adjusted > alpha:
        return f"not significant at {alpha:g} after Holm's correction"
    if not _layouts_agree(measurement):
        return "the mean over layouts points the other way"
    return ""


def _exact(measurement: Measurement | None) -> bool:
    return measurement is not None and measurement.metric is Metric.INSTRUCTIONS


def _layouts_agree(measurement: Measurement) -> bool:
    """Whether the centre of the interval over layouts lies on the decision's side."""
    over = measurement.layout_interval
    if over is None or over.low <= 0:
        return over is None
    centre = 0.5 * (math.log(over.low) + math.log(over.high))
    return (centre > 0) == (measurement.decision is Decision.FASTER)
