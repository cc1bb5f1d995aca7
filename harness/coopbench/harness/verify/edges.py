"""Edge inputs derived from the contract's types and preconditions.

Sizes: empty, one, odd, around powers of two. Values: the type's or the contract's extremes,
constants, alternating extremes; for floats the special values that the contract allows.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopbench.harness import expr, generate
from coopbench.harness.benchmark import Benchmark
from coopbench.harness.contract import Contract, Parameter, Special
from coopbench.harness.errors import UsageError
from coopbench.harness.workload import KernelInput, derive_seed, make_input

EDGE_SIZES = (0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 129)
VALUE_SIZES = (1, 7, 33)

Array = NDArray[Any]


def edge_inputs(benchmark: Benchmark, secret: bytes) -> tuple[KernelInput, ...]:
    """Return the edge inputs of a kernel; contents beyond the edge itself are secret draws."""
    contract = benchmark.contract
    seen: dict[str, KernelInput] = {}
    for label, given, pattern in _cases(contract, benchmark):
        seed = derive_seed(secret, "edge", benchmark.name, label)
        try:
            item = make_input(contract, given, seed, variant=seed % 7, label=f"edge {label}")
        except UsageError:
            continue  # this edge lies outside the contract
        if pattern is not None:
            item = _patterned(contract, item, pattern, np.random.default_rng(seed))
        seen.setdefault(label, item)
    return tuple(seen.values())


def size_parameters(contract: Contract) -> tuple[Parameter, ...]:
    """Return the free integer scalars that decide how long some array is."""
    used: set[str] = set()
    for p in contract.arrays:
        used |= expr.names(p.shape or "0")
    for p in contract.scalars:
        if p.fixed is not None and p.name in used:
            used |= expr.names(p.fixed)
    return tuple(p for p in contract.scalars if p.name in used and p.fixed is None)


def _cases(
    contract: Contract, benchmark: Benchmark
) -> Iterator[tuple[str, Mapping[str, int | float], str | None]]:
    sizes = size_parameters(contract)
    modest = {p.name: _modest(p, benchmark) for p in sizes}
    for n in EDGE_SIZES:
        yield f"all sizes {n}", dict.fromkeys(modest, n), None
    for p in sizes if len(sizes) > 1 else ():
        for n in EDGE_SIZES[:12]:
            yield f"{p.name}={n}", {**modest, p.name: n}, None
    for p in contract.scalars:
        if p not in sizes and p.fixed is None:
            for value in _extremes(p):
                yield f"{p.name}={value}", {**modest, p.name: value}, None
    for n in VALUE_SIZES:
        for pattern in _patterns(contract):
            yield f"{pattern} at sizes {n}", dict.fromkeys(modest, n), pattern


def _modest(p: Parameter, benchmark: Benchmark) -> int:
    small = benchmark.manifest.sizes["test"].get(p.name, 16)
    return min(small, 40)


def _extremes(p: Parameter) -> tuple[int | float, ...]:
    if p.type.is_float:
        values = [0.0, 1.0, -1.0]
        if Special.NEGZERO in p.special:
            values.append(-0.0)
        return tuple(values)
    low, high = generate.type_range(p.type)
    for bound in (p.min, p.max):
        if isinstance(bound, (int, float)):
            low, high = (max(low, bound), high) if bound is p.min else (low, min(high, bound))
    return tuple(sorted({int(low), int(high), 0, 1, int(low) + 1, int(high) - 1}))


def _patterns(contract: Contract) -> tuple[str, ...]:
    names = ["lowest", "highest", "alternating", "constant", "ascending", "descending"]
    specials = {s for p in contract.arrays if p.is_input and p.type.is_float for s in p.special}
    names += [f"{share} {s.value}" for s in Special if s in specials for share in ("some", "all")]
    if any(d.kind == "utf8" for p in contract.arrays for d in p.distributions):
        names += [f"offence {i}" for i in range(len(generate.BAD_UTF8))]
    names += ["cancelling"] if any(p.type.is_float and p.is_input for p in contract.arrays) else []
    return tuple(names)


def _patterned(
    contract: Contract, item: KernelInput, pattern: str, rng: np.random.Generator
) -> KernelInput:
    arrays = dict(item.arrays)
    for p in contract.arrays:
        if not p.is_input or _structured(p):
            continue
        low, high = generate.bounds(p, item.scalars)
        if low > high:
            continue
        values = _values(p, pattern, arrays[p.name], (low, high), rng)
        arrays[p.name] = np.sort(values) if p.sorted else values
    label = f"{item.label} values {pattern}"
    return KernelInput(label, item.scalars, item.lengths, arrays, item.overlaps)


def _structured(p: Parameter) -> bool:
    """True if only its generator knows the legal contents (a relation, not a range)."""
    return any(d.kind in {"offsets", "permutation"} for d in p.distributions)


def _values(
    p: Parameter, pattern: str, old: Array, span: tuple[float, float], rng: np.random.Generator
) -> Array:
    low, high = (p.type.dtype.type(v) for v in span)
    n = old.size
    plain: dict[str, Callable[[], Array]] = {
        "lowest": lambda: np.full(n, low),
        "highest": lambda: np.full(n, high),
        "alternating": lambda: np.where(np.arange(n) % 2 == 0, low, high).astype(p.type.dtype),
        "constant": lambda: np.repeat(old[:1], n),
        "ascending": lambda: np.sort(old),
        "descending": lambda: np.ascontiguousarray(np.sort(old)[::-1]),
    }
    if pattern in plain:
        return plain[pattern]()
    if pattern.startswith("offence"):
        return _offence(p, int(pattern.split()[1]), old)
    if not p.type.is_float:
        return old
    return _cancelling(p, old, rng) if pattern == "cancelling" else _special(p, pattern, old, rng)


def _offence(p: Parameter, index: int, old: Array) -> Array:
    """Valid text with one ill-formed sequence in it, where the array holds UTF-8."""
    bad = np.frombuffer(generate.BAD_UTF8[index], np.uint8)
    if bad.size > old.size or not any(d.kind == "utf8" for d in p.distributions):
        return old
    values = np.full(old.size, ord("a"), np.uint8)
    at = (old.size - bad.size) // 2
    values[at : at + bad.size] = bad
    return values


def _cancelling(p: Parameter, old: Array, rng: np.random.Generator) -> Array:
    """Large values of both signs among small ones: the order of a sum shows in its bits."""
    big = 2.0**24 if p.type.dtype.itemsize == 4 else 2.0**53
    low, high = (float(b) if isinstance(b, (int, float)) else None for b in (p.min, p.max))
    if (low is not None and low > -big) or (high is not None and high < big):
        return old
    values = old.copy()
    where = rng.random(old.size) < 0.5
    values[where] = rng.choice([big, -big], int(where.sum()))
    return values


def _special(p: Parameter, pattern: str, old: Array, rng: np.random.Generator) -> Array:
    share, _, name = pattern.partition(" ")
    special = Special(name)
    if special not in p.special or old.size == 0:
        return old
    kind = p.type.dtype.type
    tiny = generate.smallest_normal(p.type)
    pool = {
        Special.NAN: [np.nan],
        Special.INF: [np.inf, -np.inf],
        Special.NEGZERO: [-0.0, 0.0],
        Special.DENORMAL: [tiny / 4, -tiny / 8],
    }[special]
    if share == "all":
        return np.full(old.size, pool[0], kind)
    values = old.copy()
    where = rng.random(old.size) < 0.5
    where[rng.integers(old.size)] = True
    values[where] = rng.choice(np.array(pool, kind), int(where.sum()))
    return values
