"""Step charts: how much had been gained when so much was spent, gains on a logarithmic axis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from coopbench.harness.ledger import Currency
from coopbench.reports.html.axis import Axis, Tick
from coopbench.reports.search.curves import Curve

STEPS_WIDTH = 300.0
STEPS_HEIGHT = 130.0
STYLES = 8
"""Number of line styles in the style sheet; more lines begin again."""
_LEAST_TOP = 1.1
_UNITS = {
    Currency.MODEL_CALLS: "model calls",
    Currency.TOKENS: "tokens",
    Currency.COMPILE_NS: "seconds in compilers",
}


@dataclass(frozen=True)
class StepLine:
    """One step curve."""

    name: str
    style: int
    """Which of the style sheet's line styles."""
    path: str
    """SVG path data."""
    title: str


@dataclass(frozen=True)
class StepChart:
    """Step curves on common axes."""

    width: float
    height: float
    unit: str
    """What the horizontal axis counts."""
    lines: tuple[StepLine, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    """Heights from the top."""


def step_chart(curves: Sequence[Curve], currency: Currency, order: Sequence[str]) -> StepChart:
    """Lay out curves against one currency.

    Args:
        curves: At least one.
        currency: What they are drawn against.
        order: Names of all lines of the page, so that a name has one style in all charts.
    """
    end = max(c.end for c in curves)
    top = max(_LEAST_TOP, *(g for c in curves for _, g in c.points))
    pad = 0.04 * math.log(top)
    up = Axis(math.exp(-pad), top * math.exp(pad), STEPS_HEIGHT)
    unit = _UNITS[currency]
    lines = tuple(_line(c, end, up, order.index(c.entrant) % STYLES, unit) for c in curves)
    heights = tuple(Tick(round(STEPS_HEIGHT - t.x, 1), t.label) for t in up.even_ticks())
    return StepChart(
        STEPS_WIDTH, STEPS_HEIGHT, unit, lines, linear_ticks(end, STEPS_WIDTH), heights
    )


def linear_ticks(end: float, width: float, most: int = 5) -> tuple[Tick, ...]:
    """Return labelled ticks at multiples of a round step from 0 to at most `end`."""
    raw = end / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= raw)
    values = [round(i * step, 12) for i in range(math.floor(end / step) + 1)]
    return tuple(Tick(round(width * v / end, 1), _short(v)) for v in values)


def _line(curve: Curve, end: float, up: Axis, style: int, unit: str) -> StepLine:
    path = "M"
    for i, (spent, gain) in enumerate(curve.points):
        x, y = round(STEPS_WIDTH * spent / end, 1), _down(up, gain)
        path += f"{x} {y}" if i == 0 else f"H{x}V{y}"
    path += f"H{round(STEPS_WIDTH * curve.end / end, 1)}"
    reached = f"{curve.points[-1][1]:.3f}"
    title = f"{curve.entrant}: estimated gain {reached} after {_short(curve.end)} {unit} at most"
    return StepLine(curve.entrant, style, path, title)


def _down(up: Axis, gain: float) -> float:
    return round(up.width - up.x(gain), 1)


def _short(value: float) -> str:
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g}{letter}"
    return f"{value:.3g}"
