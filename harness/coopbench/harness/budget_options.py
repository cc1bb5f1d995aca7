"""Budgets as people write them: dollars and seconds, turned into exact integers."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from coopbench.harness.errors import UsageError
from coopbench.harness.ledger import NANO, Caps
from coopbench.harness.registry import unknown_name

_FIELDS = {
    "model_calls": ("model_calls", 1),
    "calls": ("model_calls", 1),
    "tokens": ("tokens", 1),
    "dollars": ("nano_dollars", NANO),
    "compile_seconds": ("compile_ns", NANO),
    "run_seconds": ("run_ns", NANO),
    "wall_seconds": ("wall_ns", NANO),
    "evaluations": ("evaluations", 1),
}
"""By name: the field of `Caps`, and how many of its units one is."""
_MOST = Decimal(10) ** 12
_LIFTED = "none"


def parse_budget(items: Sequence[str], base: Caps) -> Caps:
    """Return caps with some replaced.

    Args:
        items: `NAME=AMOUNT` each, e.g. `calls=40`, `dollars=0.5`; `none` lifts a cap. The last
            of a name counts.
        base: The caps to begin with.

    Raises:
        UsageError: if a name or an amount makes no sense.
    """
    values: dict[str, object] = {}
    for item in items:
        name, equals, amount = item.partition("=")
        if not equals:
            raise UsageError(f"--budget {item!r}: write NAME=AMOUNT, e.g. dollars=0.5")
        values[name.strip()] = amount.strip()
    return caps_of(values, base, "--budget")


def caps_of(values: Mapping[str, object], base: Caps, where: str) -> Caps:
    """Return caps with some replaced.

    Args:
        values: Amounts by name: whole numbers, decimals, texts of such, or `none`.
        base: The caps to begin with.
        where: For messages.

    Raises:
        UsageError: if a name or an amount makes no sense.
    """
    chosen: dict[str, int | None] = {}
    for name, value in values.items():
        if name not in _FIELDS:
            raise unknown_name(where, name, _FIELDS)
        field, units = _FIELDS[name]
        chosen[field] = _amount(value, units, f"{where}: {name}")
    return base.model_copy(update=chosen)


def _amount(value: object, units: int, where: str) -> int | None:
    if isinstance(value, str) and value.lower() == _LIFTED:
        return None
    number = _decimal(value, where)
    if not number:
        return 0
    if not 0 <= number <= _MOST:
        raise UsageError(f"{where}: {value} is out of range; give 0 to {_MOST}, or {_LIFTED!r}")
    # Fractions are exact; but those of a number like 1e-999999999 would fill the memory.
    exact = Fraction(number) * units if number.adjusted() >= -9 else None
    if exact is None or exact.denominator != 1:
        finest = "a whole number" if units == 1 else "at most nine decimals"
        raise UsageError(f"{where}: {value} is too fine; give {finest}")
    return exact.numerator


def _decimal(value: object, where: str) -> Decimal:
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except InvalidOperation:
            pass
        else:
            if number.is_finite():
                return number
    raise UsageError(f"{where}: {value!r} is no amount; give a number, or {_LIFTED!r} for no cap")
