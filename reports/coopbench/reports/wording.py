"""How numbers, dates and other people's text are written in every report.

Names, reasons and outputs come from candidates and models: they are shown with control and
direction-changing characters made visible, so that they can neither drive a terminal nor
reorder a line. Escaping for HTML, Markdown and CSV is the business of those formats.
"""

import shlex
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime

from coopbench.harness.model import Interval, Metric

NOTHING = "–"
"""Stands for a number that was not measured."""

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str, limit: int | None = None) -> str:
    """Return `text` with invisible characters shown as escapes, cut to `limit` characters."""
    shown = "".join(_visible(c) for c in text)
    if limit is not None and len(shown) > limit:
        return shown[: max(0, limit - 1)] + "…"
    return shown


def _visible(char: str) -> str:
    if unicodedata.category(char) not in _UNSAFE_CATEGORIES:
        return char
    return char.encode("unicode_escape").decode("ascii")


def ratio(value: float | None) -> str:
    """Write a speedup with four significant digits, e.g. `1.421`, `12.40`, `0.973`."""
    if value is None:
        return NOTHING
    digits = 3 if value < 9.9995 else 2 if value < 99.995 else 1
    return f"{value:.{digits}f}"


def count_ratio(value: float | None) -> str:
    """Write a ratio of exact counts, which deserves more digits, e.g. `1.0004`."""
    return NOTHING if value is None else f"{value:.4f}"


def times(value: float | None) -> str:
    """Write a speedup for running text, e.g. `1.421×`."""
    return NOTHING if value is None else f"{ratio(value)}×"


def interval(value: Interval | None) -> str:
    """Write an interval of speedups, e.g. `[1.380, 1.463]`."""
    return NOTHING if value is None else f"[{ratio(value.low)}, {ratio(value.high)}]"


def percent(share: float | None) -> str:
    """Write a relative quantity in percent, e.g. `0.8 %`."""
    if share is None:
        return NOTHING
    size = 100 * share
    return f"{size:.1f} %" if abs(size) < 99.95 else f"{size:.0f} %"


def level(share: float) -> str:
    """Write a chosen level without needless digits, e.g. `5 %`, `0.5 %`."""
    return f"{round(100 * share, 6):g} %"


def confidence(alpha: float) -> str:
    """Write the confidence of an interval built at an error probability, e.g. `95 %`."""
    return level(1 - alpha)


def p_value(value: float | None) -> str:
    """Write a p-value, e.g. `0.013`, `<0.0001`."""
    if value is None:
        return NOTHING
    if value < 0.0001:
        return "<0.0001"
    return f"{value:.4f}" if value < 0.01 else f"{value:.3f}"


def count(value: float | None) -> str:
    """Write a count with thin spaces between groups of three digits."""
    return NOTHING if value is None else f"{value:,.0f}".replace(",", "\u202f")


def seconds(value: float | None) -> str:
    """Write a duration with three significant digits and a fitting unit."""
    if value is None:
        return NOTHING
    factor, unit = next(
        (f, u)
        for f, u in ((1.0, "s"), (1e3, "ms"), (1e6, "µs"))
        if abs(value) * f >= 1 or u == "µs"
    )
    shown = value * factor
    digits = 0 if abs(shown) >= 99.95 else 1 if abs(shown) >= 9.995 else 2
    return f"{shown:.{digits}f} {unit}"


def when(timestamp: float | None) -> str:
    """Write a moment in UTC, e.g. `2026-03-01 14:05 UTC`."""
    if timestamp is None:
        return NOTHING
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d %H:%M UTC")


def command_line(argv: Sequence[str]) -> str:
    """Write a command as one could type it again."""
    return printable(shlex.join(argv)) if argv else NOTHING


def plural(number: int, noun: str, many: str | None = None) -> str:
    """Write a number with its noun, e.g. `1 trial`, `3 trials`."""
    return f"{number} {noun if number == 1 else many or noun + 's'}"


def metric_name(metric: Metric) -> str:
    """Name the metric as it stands on every table."""
    return {
        Metric.CPU_SECONDS: "CPU time",
        Metric.INSTRUCTIONS: "instructions executed",
    }[metric]
