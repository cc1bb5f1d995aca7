"""A logarithmic axis of speedups: domain, ticks and positions, in SVG user units."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_PREFERENCE: tuple[tuple[float, ...], ...] = (
    (1.0,),
    (0.1, 10.0, 0.01, 100.0),
    (0.5, 2.0),
    (0.2, 5.0),
    (0.8, 1.25),
    (0.9, 1.1, 1.5, 3.0, 20.0, 50.0),
    (0.95, 1.05),
    (0.98, 1.02),
    (0.99, 1.01),
)
"""Round ratios, the most wanted first: a tick is kept if it has room beside the earlier."""

_LEAST_SPAN = math.log(1.05)
_MOST_SPREAD = math.log(2.0)
_MOST_LOSS = math.log(2.0)


@dataclass(frozen=True)
class Tick:
    """A labelled position on the axis."""

    x: float
    label: str


@dataclass(frozen=True)
class Axis:
    """Maps speedups between `low` and `high` to 0..`width` on a log scale."""

    low: float
    high: float
    width: float

    def x(self, speedup: float) -> float:
        """Return the position of a speedup, held inside the axis."""
        if speedup <= 0:
            return 0.0
        share = math.log(speedup / self.low) / math.log(self.high / self.low)
        return round(self.width * min(1.0, max(0.0, share)), 1)

    def holds(self, speedup: float) -> bool:
        """Whether the speedup lies on the axis."""
        return self.low <= speedup <= self.high

    def ticks(self, room: float = 36.0) -> tuple[Tick, ...]:
        """Return labelled ticks at round ratios at least `room` apart, 1 among them."""
        chosen: list[Tick] = []
        for group in _PREFERENCE:
            for value in group:
                x = self.x(value)
                if self.holds(value) and all(abs(x - t.x) >= room for t in chosen):
                    chosen.append(Tick(x, f"{value:g}"))
        return tuple(sorted(chosen, key=lambda t: t.x))

    def even_ticks(self) -> tuple[Tick, ...]:
        """Return a few labelled ticks at multiples of a round step; for narrow axes."""
        step = _step(self.high - self.low)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        values = [round(i * step, 12) for i in range(first, last + 1)]
        return tuple(Tick(self.x(v), f"{v:.10g}") for v in values)


def _step(span: float) -> float:
    """Return the round step (1, 2 or 5 times a power of ten) that cuts a span in 2 to 5."""
    raw = span / 4
    power = 10.0 ** math.floor(math.log10(raw))
    return next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= raw)


def fit_axis(
    estimates: Sequence[float], ends: Sequence[float], margin: float, width: float
) -> Axis:
    """Choose an axis that shows 1, the margin, every gain, and losses down to one half.

    What lies beyond is drawn at the edge with an arrow: how much worse than twice as slow an
    entrant is (-O0 usually) matters less than telling the others apart. For the same reason an
    interval is cut where it reaches further than a factor of 2 beyond the outermost estimate.

    Args:
        estimates: Point estimates.
        ends: Interval ends; those not above zero are left out.
        margin: Equivalence margin, relative.
        width: Width of the axis in user units.
    """
    logs = [math.log(v) for v in estimates if v > 0] + [-_LEAST_SPAN, _LEAST_SPAN]
    logs += [-1.5 * margin, 1.5 * margin]
    low, high = min(logs), max(logs)
    reach = [math.log(v) for v in ends if v > 0]
    low = min([low, *(max(v, low - _MOST_SPREAD) for v in reach)])
    high = max([high, *(min(v, high + _MOST_SPREAD) for v in reach)])
    low = max(low, -_MOST_LOSS)
    pad = 0.05 * (high - low)
    return Axis(math.exp(low - pad), math.exp(high + pad), width)
