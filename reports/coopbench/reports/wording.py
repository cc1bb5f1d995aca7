"""How numbers, dates and other people's text are written in every report.

Names, reasons and outputs come from candidates and models: they are shown with control and
direction-changing characters made visible, so that they can neither drive a terminal nor
reorder a line. Escaping for HTML, Markdown and CSV is the business of those formats.
"""

import shlex
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime

from coopbench.harness.base import Level
from coopbench.harness.ledger import NANO, Caps, Currency
from coopbench.harness.model import Interval, Metric

NOTHING = "–"
"""Stands for a number that was not measured."""

_CURRENCIES = {
    Currency.MODEL_CALLS: "model calls",
    Currency.TOKENS: "tokens",
    Currency.NANO_DOLLARS: "money",
    Currency.COMPILE_NS: "compiling",
    Currency.RUN_NS: "running",
    Currency.WALL_NS: "wall time",
    Currency.EVALUATIONS: "evaluations",
    Currency.ESTIMATED_CALLS: "calls with estimated tokens",
    Currency.UNPRICED_CALLS: "calls of unknown price",
    Currency.REPLAYED_CALLS: "replayed calls",
}
_TIMES = frozenset({Currency.COMPILE_NS, Currency.RUN_NS, Currency.WALL_NS})

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str, limit: int | None = None) -> str:
    """Return `text` with invisible characters shown as escapes, cut to `limit` characters."""
    shown = "".join(_visible(c) for c in text)
    if limit is not None and len(shown) > limit:
        return shown[: max(0, limit - 1)] + "…"
    return shown


def block(text: str, limit: int | None = None) -> str:
    """Return a text of several lines as `printable` does, but with its lines and tabs kept.

    Args:
        text: Any text.
        limit: Most characters of it; a last line says how many were left out.
    """
    left = 0 if limit is None else max(0, len(text) - limit)
    shown = text if not left else text[:limit]
    lines = ["\t".join(printable(part) for part in line.split("\t")) for line in shown.split("\n")]
    if left:
        lines.append(f"… {count(left)} more characters")
    return "\n".join(lines)


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


def share(value: float | None) -> str:
    """Write a share of the headroom, e.g. `42 %`."""
    return NOTHING if value is None else f"{100 * value:.0f} %"


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
    if not value:
        return NOTHING if value is None else "0 s"
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


def level_name(level: Level | None) -> str:
    """Name a level of abstraction; None is work on no single one."""
    names = {Level.C: "C", Level.IR: "LLVM IR", Level.ASM: "assembly"}
    return "no single level" if level is None else names[level]


def money(nano_dollars: float | None, *, whole: bool = True) -> str:
    """Write an amount of money, e.g. `$0.0312`, `at least $0.03`.

    Args:
        nano_dollars: In 1e-9 US dollars; None if nothing is known.
        whole: False if some of what was spent is not in it, because its price is unknown.
    """
    if nano_dollars is None or (not whole and nano_dollars == 0):
        return NOTHING
    dollars = nano_dollars / NANO
    cents = float(nano_dollars).is_integer() and nano_dollars % (NANO // 100) == 0
    digits = 2 if cents or dollars >= 1 else 4
    shown = f"${dollars:,.{digits}f}" if dollars == 0 or dollars >= 0.00005 else "<$0.0001"
    return shown if whole else f"at least {shown}"


def currency_name(currency: Currency) -> str:
    """Name what is counted, e.g. `model calls`, `compiling`."""
    return _CURRENCIES[currency]


def amount(currency: Currency, value: float | None) -> str:
    """Write an amount of a currency without its name, e.g. `40`, `$0.25`, `300 s`."""
    if currency is Currency.NANO_DOLLARS:
        return money(value)
    if currency in _TIMES:
        return seconds(None if value is None else value / NANO)
    return quantity(value)


def quantity(value: float | None) -> str:
    """Write a count, or a median of counts that may lie half way between two."""
    if value is None:
        return NOTHING
    return count(value) if float(value).is_integer() else f"{count(int(value))}.5"


def caps(limits: Caps) -> str:
    """Write all that is limited, e.g. `40 model calls, 400k tokens, $0.25, 300 s of compiling`."""
    parts = [_cap(c, cap) for c in Currency if (cap := limits.of(c)) is not None]
    return ", ".join(parts) or "no limit"


def _cap(currency: Currency, cap: int) -> str:
    name = currency_name(currency)
    if currency is Currency.NANO_DOLLARS:
        return money(cap)
    if currency in _TIMES:
        return f"{seconds(cap / NANO)} of {name}"
    shown = f"{cap // 1000}k" if cap >= 10_000 and cap % 1000 == 0 else str(cap)
    return f"{shown} {name.removesuffix('s') if cap == 1 else name}"


def listing(names: Sequence[str], most: int = 8) -> str:
    """Write names as a list in a sentence, e.g. `a, b and c`; long ones are cut."""
    shown = (
        list(names) if len(names) <= most else [*names[: most - 1], f"{len(names) - most + 1} more"]
    )
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
