"""Guesses a kernel's contract from its C signature, for code that came without one.

A guess errs on the narrow side: small values, no special floats, arrays that do not overlap.
What was assumed is listed, because the referee will hold candidates to nothing more than that.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coopbench.harness.c_signature import CParameter, read_function
from coopbench.harness.contract import (
    Contract,
    Distribution,
    Parameter,
    Role,
    ScalarType,
    Spelling,
)
from coopbench.harness.errors import UsageError

_TYPES: dict[str, tuple[ScalarType, Spelling]] = {
    "char": (ScalarType.I8, "char"),
    "signed char": (ScalarType.I8, ""),
    "unsigned char": (ScalarType.U8, ""),
    "_Bool": (ScalarType.U8, "_Bool"),
    "bool": (ScalarType.U8, "_Bool"),
    "short": (ScalarType.I16, ""),
    "unsigned short": (ScalarType.U16, ""),
    "int": (ScalarType.I32, ""),
    "unsigned": (ScalarType.U32, ""),
    "unsigned int": (ScalarType.U32, ""),
    "long": (ScalarType.I64, ""),
    "unsigned long": (ScalarType.U64, ""),
    "long long": (ScalarType.I64, "long long"),
    "unsigned long long": (ScalarType.U64, "unsigned long long"),
    "size_t": (ScalarType.SIZE, ""),
    "ssize_t": (ScalarType.I64, ""),
    "ptrdiff_t": (ScalarType.I64, ""),
    "float": (ScalarType.F32, ""),
    "double": (ScalarType.F64, ""),
    **{
        f"{sign}int{bits}_t": (ScalarType(f"{sign or 'i'}{bits}"), "")
        for sign in ("", "u")
        for bits in (8, 16, 32, 64)
    },
}
_SIZE_NAME = re.compile(
    r"(?i)^(?:n|m|k|len|length|size|count|cnt|num|rows?|cols?|w|h|width|height|dim|total|nelem|nmemb)"
    r"\d*$|^(?:n|num|len|count)_|_(?:n|len|length|size|count|num)$"
)
_TWO_SIDES = ({"rows", "cols"}, {"row", "col"}, {"w", "h"}, {"width", "height"}, {"m", "n"})
_USUAL = 10
"""Value of the other integers in the presets, so that timed inputs cost the same each time."""
_LINEAR, _SQUARE = (40, 2_000, 20_000), (8, 40, 160)
"""Sizes of the three presets where one parameter, or several, say how large arrays are."""


@dataclass(frozen=True)
class Inferred:
    """A guessed contract, with the sizes to try it on."""

    contract: Contract
    sizes: dict[str, dict[str, int]]
    """Of the presets `test`, `small` and `ref`."""
    assumptions: tuple[str, ...]
    """What was assumed, one line each."""


def infer_contract(source: str, function: str, headers: Iterable[str] = ()) -> Inferred:
    """Guess the contract of a function.

    Args:
        source: The C file it is defined in.
        function: Its name.
        headers: Texts of the headers beside it, for their typedefs.

    Raises:
        UsageError: if there is no such function, or its signature needs a contract by hand.
    """
    try:
        declared = read_function(source, function, headers)
    except ValueError as e:
        raise _by_hand(function, str(e)) from None
    parsed = [_parameter(function, p) for p in declared.parameters]
    if not parsed:
        raise _by_hand(function, "it has no parameters")
    arrays = [p for p in parsed if p.pointer]
    own = frozenset().union(*(_own_names(p.name) for p in arrays))
    sizes = [p.name for p in parsed if not p.pointer and _is_size(p, own)]
    if arrays and not sizes:
        raise _by_hand(function, "no integer parameter looks like the length of its arrays")
    if not any(p.pointer and not p.const for p in parsed) and declared.returns == "void":
        raise _by_hand(function, "it returns nothing and writes to no array")
    notes: list[str] = []
    parameters = tuple(_contracted(p, sizes, parsed, notes) for p in parsed)
    returns, spelling = _result(function, declared.returns)
    contract = Contract(
        function=function, returns=returns, returns_spelling=spelling, parameters=parameters
    )
    steps = _LINEAR if len(sizes) == 1 else _SQUARE
    others = [p for p in parsed if not p.pointer and p.name not in sizes and not p.type.is_float]
    usual = {p.name: int(min(_USUAL, _range(p)[1])) for p in others}
    notes += [f"{name} is {value} in the timed input" for name, value in usual.items()]
    presets = {
        preset: {**dict.fromkeys(sizes, step), **usual}
        for preset, step in zip(("test", "small", "ref"), steps, strict=True)
    }
    notes.append("arrays do not overlap, and float results must be equal bit for bit")
    return Inferred(contract, presets, tuple(dict.fromkeys(notes)))


@dataclass(frozen=True)
class _Parsed:
    name: str
    type: ScalarType
    spelling: Spelling
    pointer: bool
    const: bool
    restrict: bool


def _parameter(function: str, p: CParameter) -> _Parsed:
    if p.text == "...":
        raise _by_hand(function, "parameter `...` is none of fixed type")
    found = _TYPES.get(p.type)
    if found is None or p.stars > 1 or not p.plain or not p.name:
        raise _by_hand(
            function, f"parameter `{p.text}` is neither a number nor an array of numbers"
        )
    return _Parsed(p.name, *found, p.stars == 1, p.const, p.restrict)


def _contracted(
    p: _Parsed, sizes: Sequence[str], all_of: Sequence[_Parsed], notes: list[str]
) -> Parameter:
    low, high = _range(p)
    if not p.pointer:
        if p.name in sizes:
            notes.append(f"{p.name} is the length of arrays, 0 or more")
            most = (1 << (8 * p.type.dtype.itemsize - 1)) - 1
            top = None if most > 1 << 31 else float(most)
            return Parameter(name=p.name, type=p.type, spelling=p.spelling, min=0, max=top)
        notes.append(f"{p.name} lies between {low:g} and {high:g}")
        return Parameter(name=p.name, type=p.type, spelling=p.spelling, min=low, max=high)
    shape = _shape(p, sizes, all_of)
    notes.append(f"{p.name} has {shape} elements between {low:g} and {high:g}")
    return Parameter(
        name=p.name,
        type=p.type,
        spelling=p.spelling,
        shape=shape,
        role=Role.IN if p.const else Role.INOUT,
        min=low,
        max=high,
        distributions=(Distribution(kind="uniform"), Distribution(kind="small_integers"))
        if p.type.is_float
        else (Distribution(kind="uniform"), Distribution(kind="few")),
        qualifiers="restrict" if p.restrict else "",
    )


def _shape(p: _Parsed, sizes: Sequence[str], all_of: Sequence[_Parsed]) -> str:
    """Guess an array's length: its own (`xs_len`), two sides of a matrix, else the next size."""
    own = [s for s in sizes if s.lower().rstrip("s") in _own_names(p.name)]
    if own:
        return own[0]
    for sides in _TWO_SIDES:
        if sides <= {s.lower() for s in sizes}:
            return " * ".join(s for s in sizes if s.lower() in sides)
    order = [q.name for q in all_of]
    later = [s for s in sizes if order.index(s) > order.index(p.name)]
    return (later or list(sizes))[0]


def _own_names(array: str) -> frozenset[str]:
    a = array.lower()
    return frozenset(
        f"{x}".rstrip("s")
        for word in ("len", "length", "size", "count", "n", "num")
        for x in (f"{a}_{word}", f"{a}{word}", f"{word}_{a}", f"{word}{a}")
    )


def _range(p: _Parsed) -> tuple[float, float]:
    if p.spelling == "_Bool":
        return 0, 1
    if p.type.is_float:
        return -1.0, 1.0
    unsigned = p.type is ScalarType.SIZE or p.type.value.startswith("u")
    if p.type.dtype.itemsize == 1:
        return (0, 255) if unsigned else (-128, 127)
    return (0, 1000) if unsigned else (-1000, 1000)


def _result(function: str, text: str) -> tuple[ScalarType | None, Spelling]:
    if text == "void":
        return None, ""
    if text not in _TYPES:
        raise _by_hand(function, f"it returns `{text}`")
    return _TYPES[text]


def _is_size(p: _Parsed, own: frozenset[str]) -> bool:
    """Whether a scalar looks like a length; `own` holds names made of arrays' names."""
    if p.type.is_float or p.spelling == "_Bool":
        return False
    named = _SIZE_NAME.search(p.name) or p.name.lower().rstrip("s") in own
    return p.type is ScalarType.SIZE or bool(named)


def _by_hand(function: str, why: str) -> UsageError:
    return UsageError(
        f"no contract can be guessed for {function!r}: {why}; write one and pass --contract FILE "
        "(see docs/contracts.md)"
    )
