"""Geometry of the charts: forest plots on a common axis and the scatter of raw pairs.

Only numbers are made here; the templates write them as SVG, so that escaping stays in one
place.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from coopbench.harness.model import Block, Interval, Measurement
from coopbench.reports import wording
from coopbench.reports.html.axis import Axis, Tick, fit_axis

FOREST_WIDTH = 220.0
BOARD_WIDTH = 190.0
SCATTER_WIDTH = 340.0
_EDGE = 8.0
"""Least distance of a point from the ends of the axis, so that an arrow fits beside it."""
SCATTER_HEIGHT = 96.0
_LEAST_HEIGHT = 0.01
"""Least log range of a scatter, so that exact agreement is not blown up."""


@dataclass(frozen=True)
class ForestFrame:
    """What all rows of a forest plot share."""

    width: float
    ticks: tuple[Tick, ...]
    one: float
    """Position of the reference line."""
    band: tuple[float, float]
    """Left end and width of the equivalence margin."""


@dataclass(frozen=True)
class ForestMark:
    """One row of a forest plot: a point and its interval bar."""

    x: float
    low: float
    high: float
    cut_low: bool
    """Whether the interval goes on beyond the left end."""
    cut_high: bool
    title: str


@dataclass(frozen=True)
class Forest:
    """An axis with its frame, from which rows are drawn."""

    axis: Axis
    frame: ForestFrame

    def mark(
        self, speedup: float | None, interval: Interval | None, title: str
    ) -> ForestMark | None:
        """Return the row of one result; None if it has no number."""
        if speedup is None:
            return None
        x = min(max(self.axis.x(speedup), _EDGE), self.axis.width - _EDGE)
        low, high = (interval.low, interval.high) if interval is not None else (speedup, speedup)
        return ForestMark(
            x,
            self.axis.x(low),
            self.axis.x(high),
            cut_low=low < self.axis.low,
            cut_high=high > self.axis.high,
            title=title,
        )


def forest(
    points: Iterable[tuple[float | None, Interval | None]],
    margin: float,
    width: float = FOREST_WIDTH,
) -> Forest:
    """Fit a forest plot to the results it is to show.

    Args:
        points: Speedup and interval of each row; a row without a speedup is not drawn.
        margin: Equivalence margin, relative.
        width: Width in user units.
    """
    drawn = [(s, i) for s, i in points if s is not None]
    ends = [end for _, i in drawn if i is not None for end in (i.low, i.high)]
    axis = fit_axis([s for s, _ in drawn], ends, margin, width)
    left, right = axis.x(1 / (1 + margin)), axis.x(1 + margin)
    frame = ForestFrame(width, axis.ticks(), axis.x(1.0), (left, round(right - left, 1)))
    return Forest(axis, frame)


@dataclass(frozen=True)
class Scatter:
    """Raw pairs in the order they were taken: speedup of each block on a log axis."""

    width: float
    height: float
    baseline_first: str
    """SVG path data, one dot for each pair in which the baseline ran first."""
    candidate_first: str
    beyond: str
    """Pairs outside the drawn range, at its edge."""
    one: float | None
    """Height of the reference line; None if it lies outside the drawn range."""
    estimate: float | None
    band: tuple[float, float] | None
    """Top and height of the interval."""
    ticks: tuple[Tick, ...]
    title: str


def scatter(measurement: Measurement) -> Scatter | None:
    """Lay out a measurement's raw pairs; None if it has none."""
    pairs = [(b, r) for b in measurement.blocks if (r := pair_ratio(b)) is not None]
    if not pairs:
        return None
    axis = _scatter_axis(measurement, [r for _, r in pairs])
    step = SCATTER_WIDTH / len(pairs)

    def dots(first: str | None) -> str:
        return "".join(
            f"M{(i + 0.5) * step:.1f} {_down(axis, r):.1f}h0"
            for i, (b, r) in enumerate(pairs)
            if (b.first == first if axis.holds(r) else first is None)
        )

    band = None
    if measurement.interval is not None:
        top = _down(axis, measurement.interval.high)
        band = (top, round(_down(axis, measurement.interval.low) - top, 1))
    speedup = measurement.speedup
    return Scatter(
        width=SCATTER_WIDTH,
        height=SCATTER_HEIGHT,
        baseline_first=dots("baseline"),
        candidate_first=dots("candidate"),
        beyond=dots(None),
        one=_down(axis, 1.0) if axis.holds(1.0) else None,
        estimate=None if speedup is None else _down(axis, speedup),
        band=band,
        ticks=tuple(Tick(round(SCATTER_HEIGHT - t.x, 1), t.label) for t in axis.even_ticks()),
        title=f"{wording.plural(len(pairs), 'pair')} in the order taken; speedup of each",
    )


def pair_ratio(block: Block) -> float | None:
    """Return cost(baseline) / cost(candidate) of a block; None if a cost is not positive."""
    baseline, candidate = block.launches
    if baseline.value <= 0 or candidate.value <= 0:
        return None
    return baseline.value / candidate.value


def _scatter_axis(measurement: Measurement, ratios: list[float]) -> Axis:
    """Show all pairs that lie within 8 robust deviations of the estimate.

    The reference line is shown too where that leaves the pairs at least a third of the height.
    """
    logs = [math.log(r) for r in ratios]
    if measurement.speedup is not None and measurement.noise:
        centre, reach = math.log(measurement.speedup), 8 * measurement.noise
        logs = [min(max(v, centre - reach), centre + reach) for v in logs]
    low, high = min(logs), max(logs)
    room = max(high - low, _LEAST_HEIGHT)
    if -2 * room < low and high < 2 * room:
        low, high = min(low, 0.0), max(high, 0.0)
    pad = max(0.06 * (high - low), (_LEAST_HEIGHT - (high - low)) / 2)
    return Axis(math.exp(low - pad), math.exp(high + pad), SCATTER_HEIGHT)


def _down(axis: Axis, speedup: float) -> float:
    """SVG's y axis points down; speedups grow upwards."""
    return round(axis.width - axis.x(speedup), 1)
