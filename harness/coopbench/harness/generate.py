"""Array contents by distribution, each a small vectorised numpy function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopbench.harness import expr
from coopbench.harness.contract import Distribution, Parameter, ScalarType, Special
from coopbench.harness.errors import UsageError

Array = NDArray[Any]


@dataclass(frozen=True)
class _Draw:
    parameter: Parameter
    dist: Distribution
    length: int
    low: float
    high: float
    scalars: Mapping[str, int | float]
    arrays: Mapping[str, Array]
    rng: np.random.Generator

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.parameter.type.dtype


def type_range(kind: ScalarType) -> tuple[float, float]:
    """Return the default legal range: the whole type for integers, +-1e3 for floats."""
    if kind.is_float:
        return -1000.0, 1000.0
    bits = 8 * kind.dtype.itemsize
    if kind.dtype.kind == "u":
        return 0, (1 << bits) - 1
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


def smallest_normal(kind: ScalarType) -> float:
    """Return the smallest positive normal number of a float type."""
    return float(np.finfo(np.float32 if kind is ScalarType.F32 else np.float64).tiny)


def bounds(p: Parameter, scalars: Mapping[str, int | float]) -> tuple[float, float]:
    """Return the legal range of a parameter's values for the given scalar arguments.

    Raises:
        UsageError: if a bound refers to a scalar that is not known yet.
    """
    low, high = type_range(p.type)
    if p.min is not None:
        low = expr.evaluate(p.min, scalars) if isinstance(p.min, str) else p.min
    if p.max is not None:
        high = expr.evaluate(p.max, scalars) if isinstance(p.max, str) else p.max
    return low, high


def array(
    p: Parameter,
    dist: Distribution,
    length: int,
    scalars: Mapping[str, int | float],
    arrays: Mapping[str, Array],
    rng: np.random.Generator,
) -> Array:
    """Return `length` elements of `p`'s type drawn from `dist`.

    Raises:
        UsageError: if the distribution does not fit the parameter.
    """
    low, high = bounds(p, scalars)
    if length and low > high:
        raise UsageError(f"array {p.name!r}: its smallest value {low} is above its largest {high}")
    draw = _Draw(p, dist, length, low, high, scalars, arrays, rng)
    result = _KINDS[dist.kind](draw).astype(p.type.dtype, copy=False)
    if result.shape != (length,):
        raise UsageError(f"array {p.name!r}: distribution {dist.kind!r} does not fit its shape")
    if p.type.is_float:
        result = legalize(p, result)
    return np.sort(result) if p.sorted else result


def legalize(p: Parameter, values: Array) -> Array:
    """Replace the special float values that the contract does not allow by ordinary ones."""
    tiny = smallest_normal(p.type)
    denormal = (np.abs(values) < tiny) & (values != 0)
    for special, found in (
        (Special.NAN, np.isnan(values)),
        (Special.INF, np.isinf(values)),
        (Special.NEGZERO, (values == 0) & np.signbit(values)),
        (Special.DENORMAL, denormal),
    ):
        if special not in p.special and found.any():
            values = np.where(
                found, p.type.dtype.type(0 if special is Special.NEGZERO else 1), values
            )
    return values


def uniform(
    dtype: np.dtype[Any], low: float, high: float, length: int, rng: np.random.Generator
) -> Array:
    """Return uniform draws from the closed range, in the given type."""
    if dtype.kind == "f":
        return rng.uniform(low, high, length).astype(dtype)
    return rng.integers(int(low), int(high), length, dtype=dtype, endpoint=True)


def _uniform(d: _Draw) -> Array:
    return uniform(d.dtype, d.low, d.high, d.length, d.rng)


def _normal(d: _Draw) -> Array:
    return np.clip(d.rng.standard_normal(d.length), d.low, d.high)


def _small_integers(d: _Draw) -> Array:
    return uniform(np.dtype("<i8"), max(d.low, -8), min(d.high, 8), d.length, d.rng)


def _constant(d: _Draw) -> Array:
    return np.full(d.length, uniform(d.dtype, d.low, d.high, 1, d.rng)[0])


def _few(d: _Draw) -> Array:
    return d.rng.choice(uniform(d.dtype, d.low, d.high, 4, d.rng), d.length)


def _skewed(d: _Draw) -> Array:
    # The inverse of a Pareto tail with exponent 1.5: Zipf-like ranks at the cost of a division.
    u = 1.0 - d.rng.random(d.length)
    ranks = np.minimum(1.0 / (u * u), 2.0**31).astype(np.int64) - 1
    if d.dtype.kind == "f":
        return np.asarray(np.clip(d.low + ranks, d.low, d.high))
    span = min(int(d.high) - int(d.low) + 1, 1 << 31)
    values: Array = ((ranks % span).astype(np.uint64) + np.uint64(int(d.low) % (1 << 64))).astype(
        d.dtype
    )
    return values


def _ascending(d: _Draw) -> Array:
    return np.sort(_uniform(d))


def _descending(d: _Draw) -> Array:
    return np.sort(_uniform(d))[::-1].copy()


def _permutation(d: _Draw) -> Array:
    return d.rng.permutation(d.length)


def _offsets(d: _Draw) -> Array:
    first = expr.evaluate(d.dist.first, d.scalars)
    last = expr.evaluate(d.dist.last or str(int(d.high)), d.scalars)
    values = np.sort(d.rng.integers(first, last, d.length, endpoint=True))
    if d.length:
        values[0] = first
        values[-1] = last
    return values


def _alphabet(d: _Draw) -> Array:
    letters = np.frombuffer((d.dist.letters or "ab").encode(), np.uint8)
    return d.rng.choice(letters, d.length)


def _words(d: _Draw) -> Array:
    letters = d.rng.integers(97, 123, d.length, dtype=np.uint8)
    letters[d.rng.random(d.length) < 0.18] = 32
    return letters


# Code points by class, with both edges of the surrogate gap, and how often each class occurs.
_UTF8_LOW = np.array([0x20, 0x80, 0x800, 0xE000, 0x10000])
_UTF8_SPAN = np.array([0x5F, 0x780, 0xD000, 0x2000, 0x100000])
_UTF8_UP_TO = np.array([0.7, 0.82, 0.9, 0.95])


def _utf8(d: _Draw) -> Array:
    pick = np.searchsorted(_UTF8_UP_TO, d.rng.random(d.length))
    points = _UTF8_LOW[pick] + (d.rng.random(d.length) * _UTF8_SPAN[pick]).astype(np.int64)
    text = points.astype("<u4").tobytes().decode("utf-32-le")
    data = np.frombuffer(text.encode()[: d.length], np.uint8).copy()
    # What the cut left of a sequence at the end would be an accident, not a choice.
    whole = len(data.tobytes().decode("utf-8", "ignore").encode())
    data[whole:] = 0x2E
    if d.length and d.rng.random() < d.dist.damage:
        _damage(data, d.rng)
    return data


BAD_UTF8 = (
    *(b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xf0\x80\x80\x80"),
    *(b"\xf0\x8f\xbf\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf4\x90\x80\x80"),
    *(b"\xf5\x80\x80\x80", b"\xff", b"\x80", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98"),
)
"""What strict decoders must refuse: overlong, surrogates, beyond U+10FFFF, cut sequences."""


def _damage(data: Array, rng: np.random.Generator) -> None:
    """Change one byte, put in a known offence, or end in a cut sequence."""
    kind = int(rng.integers(3))
    bad = np.frombuffer(BAD_UTF8[int(rng.integers(len(BAD_UTF8)))], np.uint8)
    if kind == 0 or bad.size > data.size:
        data[rng.integers(data.size)] = rng.integers(256)
    elif kind == 1:
        at = int(rng.integers(data.size - bad.size, endpoint=True))
        data[at : at + bad.size] = bad
    else:
        data[data.size - bad.size :] = bad


def _excerpt(d: _Draw) -> Array:
    source = d.arrays.get(d.dist.of)
    if source is None:
        raise UsageError(
            f"array {d.parameter.name!r}: excerpt of {d.dist.of!r}, which is no earlier input array"
        )
    if d.length > source.size:
        return d.rng.choice(source, d.length) if source.size else _uniform(d)
    start = int(d.rng.integers(source.size - d.length, endpoint=True))
    piece = source[start : start + d.length].copy()
    if d.length and d.rng.random() < 0.5:  # a near miss: the match, if any, lies elsewhere
        piece[d.rng.integers(d.length)] = d.rng.choice(source)
    return piece


def _bits(d: _Draw) -> Array:
    return np.frombuffer(d.rng.bytes(d.length * d.dtype.itemsize), d.dtype)


_KINDS: dict[str, Callable[[_Draw], Array]] = {
    "uniform": _uniform,
    "normal": _normal,
    "small_integers": _small_integers,
    "constant": _constant,
    "few": _few,
    "skewed": _skewed,
    "ascending": _ascending,
    "descending": _descending,
    "permutation": _permutation,
    "offsets": _offsets,
    "alphabet": _alphabet,
    "words": _words,
    "utf8": _utf8,
    "excerpt": _excerpt,
    "bits": _bits,
}
