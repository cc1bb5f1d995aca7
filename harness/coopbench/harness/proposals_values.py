"""Reads the numbers and array contents of proposed workloads, strictly: nothing is repaired."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from coopbench.harness import expr, generate
from coopbench.harness.contract import Distribution, Parameter, Special
from coopbench.harness.errors import UsageError

Array = NDArray[Any]
Scalars = Mapping[str, int | float]

TOKENS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf, "-0.0": -0.0}
"""Float values that JSON cannot spell, or that get lost on the way."""


class UnfitError(ValueError):
    """A proposal outside the vocabulary or the contract; the message is one line for its author."""


def shown(value: object) -> str:
    """Return a short, safe name of a JSON value for messages."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int) and value.bit_length() > 70:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return ascii(value if len(value) <= 30 else f"{value[:27]}...")
    return "a list" if isinstance(value, list) else "an object"


def number(p: Parameter, raw: JsonValue, where: str) -> int | float:
    """Return one value of a parameter's type.

    Raises:
        UnfitError: if the type cannot hold it.
    """
    if p.type.is_float:
        return _float(p, raw, where)
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise UnfitError(f"{where}: {shown(raw)} is no integer, and the type is {p.type}")
    low, high = generate.type_range(p.type)
    if not low <= raw <= high:
        raise UnfitError(f"{where}: {shown(raw)} does not fit into {p.type} ({low} to {high})")
    return raw


def _float(p: Parameter, raw: JsonValue, where: str) -> float:
    if isinstance(raw, str):
        if raw not in TOKENS:
            known = ", ".join(f'"{t}"' for t in TOKENS)
            raise UnfitError(f"{where}: {shown(raw)} is no number; the words are {known}")
        return TOKENS[raw]
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise UnfitError(f"{where}: {shown(raw)} is no number")
    try:
        exact = float(raw)
    except OverflowError:
        raise UnfitError(f"{where}: {shown(raw)} does not fit into {p.type}") from None
    with np.errstate(over="ignore"):
        value = float(np.array(exact).astype(p.type.dtype))
    if math.isinf(value) and not math.isinf(exact):
        raise UnfitError(f"{where}: {shown(raw)} does not fit into {p.type}")
    return value


def contents(p: Parameter, raw: Sequence[JsonValue], length: int) -> Array:
    """Return an array given value by value.

    Raises:
        UnfitError: if there are not exactly `length` values, each of the parameter's type.
    """
    if len(raw) != length:
        raise UnfitError(
            f"array {p.name!r}: {len(raw)} values, but its shape {p.shape} makes it {length}"
        )
    plain = _plain(p, raw)
    if plain is not None:
        return plain
    return np.array([number(p, v, f"{p.name}[{i}]") for i, v in enumerate(raw)], p.type.dtype)


def _plain(p: Parameter, raw: Sequence[JsonValue]) -> Array | None:
    """Return ordinary numbers at once; None if they need a look one by one."""
    kind = float if p.type.is_float else int
    if not raw or any(type(v) is not kind for v in raw):
        return None
    exact = np.array(raw, "<f8") if p.type.is_float else np.array(raw, object)
    low, high = generate.type_range(p.type)
    if not p.type.is_float and not low <= exact.min() <= exact.max() <= high:
        return None
    with np.errstate(over="ignore"):
        values = exact.astype(p.type.dtype)
    return values if not p.type.is_float or np.isfinite(values).all() else None


def evaluate(text: str, scalars: Scalars, where: str) -> int:
    """Return the value of one of the contract's or the proposal's expressions.

    Raises:
        UnfitError: if it has none for these scalars.
    """
    try:
        return expr.evaluate(text, scalars)
    except (UsageError, ValueError, OverflowError) as e:
        raise UnfitError(f"{where}: {e}") from None


def check_legal(p: Parameter, values: Array, scalars: Scalars) -> None:
    """Check values against all that the contract demands of a parameter.

    Bounds and special values, order, and for offsets and permutations their relation. Which
    letters or which text an array's distributions draw is no precondition, as the edge inputs
    do not keep to it either.

    Raises:
        UnfitError: naming the first element at fault and the rule.
    """
    if not values.size:
        return
    _check_range(p, values, _ordinary(p, values), scalars)
    if p.sorted:
        if p.type.is_float and np.isnan(values).any():
            raise UnfitError(f"{_at(p, np.isnan(values))}: a sorted array holds no nan")
        _refuse(
            p,
            np.concatenate(([False], values[1:] < values[:-1])),
            "is less than the one before it, and the array must be sorted",
            values,
        )
    if p.is_array:
        _check_relation(p, values, scalars)


def bounds(p: Parameter, scalars: Scalars) -> tuple[float, float]:
    """Return the smallest and the largest legal ordinary value, both exact for integers.

    Where the contract sets no bound it is what the specification says: the whole type for
    integers, +-1e3 for floats.

    Raises:
        UnfitError: if a bound has no value for these scalars.
    """
    low, high = generate.type_range(p.type)
    limits: list[float] = []
    for given, default in ((p.min, low), (p.max, high)):
        if isinstance(given, str):
            limits.append(evaluate(given, scalars, f"the bounds of {p.name!r}"))
        else:
            limits.append(default if given is None else given)
    if p.type.is_float:
        # As every generated value is rounded to the type, so are the bounds it is held to.
        rounded = (float(np.array(float(v)).astype(p.type.dtype)) for v in limits)
        return next(rounded), next(rounded)
    return max(low, math.ceil(limits[0])), min(high, math.floor(limits[1]))


def _ordinary(p: Parameter, values: Array) -> NDArray[np.bool_]:
    """Refuse forbidden special values; return which elements have to lie in the range."""
    if not p.type.is_float:
        return np.ones(values.size, np.bool_)
    tiny = generate.smallest_normal(p.type)
    nan, inf = np.isnan(values), np.isinf(values)
    found = {
        Special.NAN: nan,
        Special.INF: inf,
        Special.NEGZERO: (values == 0) & np.signbit(values),
        Special.DENORMAL: (np.abs(values) < tiny) & (values != 0),
    }
    for special, where in found.items():
        if special not in p.special:
            _refuse(p, where, f"is {special.value}, which the contract excludes", values)
    return np.asarray(~nan & ~inf)


def _check_range(
    p: Parameter, values: Array, ordinary: NDArray[np.bool_], scalars: Scalars
) -> None:
    low, high = bounds(p, scalars)
    if low > high:
        raise UnfitError(f"{p.name!r} has no legal value here: min {p.min}, max {p.max}")
    for wrong, word, bound, text in (
        (values < low, "below the smallest", low, p.min),
        (values > high, "above the largest", high, p.max),
    ):
        rule = "" if text is None or str(text) == str(bound) else f" ({text})"
        _refuse(p, wrong & ordinary, f"is {word} legal value {bound}{rule}", values)


def _check_relation(p: Parameter, values: Array, scalars: Scalars) -> None:
    """Demand what only a generator knows: offsets that fit together, a permutation."""
    structured = [d for d in p.distributions if d.kind in {"offsets", "permutation"}]
    if structured and not any(_related(p, d, values, scalars) for d in structured):
        d = structured[0]
        ends = f" from {d.first} to {d.last or p.max}" if d.kind == "offsets" else ""
        what = f"offsets{ends} that never decrease" if ends else "a permutation of 0 to len - 1"
        raise UnfitError(f"array {p.name!r} must hold {what}")


def _related(p: Parameter, d: Distribution, values: Array, scalars: Scalars) -> bool:
    if d.kind == "permutation":
        return np.array_equal(np.sort(values), np.arange(values.size))
    first = evaluate(d.first, scalars, p.name)
    last = evaluate(d.last, scalars, p.name) if d.last else int(bounds(p, scalars)[1])
    ends = (values[0] == first or values.size == 1) and values[-1] == last
    return bool(ends and np.all(values[1:] >= values[:-1]))


def _refuse(p: Parameter, wrong: NDArray[np.bool_], rule: str, values: Array) -> None:
    if wrong.any():
        value = values[int(np.argmax(wrong))].item()
        raise UnfitError(f"{_at(p, wrong)} = {value!r} {rule}")


def _at(p: Parameter, wrong: NDArray[np.bool_]) -> str:
    return f"{p.name}[{int(np.argmax(wrong))}]" if p.is_array else p.name
