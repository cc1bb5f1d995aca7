"""Completes the scalars of a proposed input: given ones are checked, the others filled in."""

from collections.abc import Iterator, Mapping

import numpy as np
from pydantic import JsonValue

from coopbench.harness import expr
from coopbench.harness.benchmark import Benchmark
from coopbench.harness.contract import Contract, Parameter
from coopbench.harness.errors import UsageError
from coopbench.harness.proposals_values import UnfitError, check_legal, evaluate, number, shown
from coopbench.harness.verify.edges import size_parameters
from coopbench.harness.workload import Scalars, derive_seed, draw_scalars

_DRAWS = 30
"""Sets of sizes that are tried for what a proposal leaves out."""
_LARGEST_SIZE = 1 << 32


def read_scalars(
    benchmark: Benchmark, raw: Mapping[str, JsonValue], specs: Mapping[str, JsonValue]
) -> Scalars:
    """Return a legal set of scalars that has the given values.

    Args:
        benchmark: The kernel.
        raw: What the proposal says of scalars.
        specs: What it says of arrays: one given value by value tells its length.

    Raises:
        UnfitError: naming the scalar and the rule it breaks.
    """
    contract = benchmark.contract
    given = _given(contract, raw)
    known = {**_from_lists(contract, given, specs), **given}
    _check_scalars(contract, known)
    # Floats given decide nothing that is drawn, and special ones lie in no range.
    free = {k: v for k, v in known.items() if _free_integer(contract.parameter(k))}
    seed = derive_seed(b"visible", "proposed", benchmark.name, sorted(free.items()))
    rng = np.random.default_rng(seed)
    for sizes in _sizes(benchmark, rng):
        try:
            scalars = draw_scalars(contract, {**sizes, **free}, rng, tries=10)
        except (UsageError, ValueError, OverflowError):
            continue
        scalars |= known
        _check_scalars(contract, scalars)
        return scalars
    missing = ", ".join(p.name for p in contract.scalars if p.name not in known) or "none"
    raise UnfitError(
        f"no legal values were found for the scalars left out ({missing}); give them as well"
    )


def _free_integer(p: Parameter) -> bool:
    return p.fixed is None and not p.type.is_float


def _from_lists(contract: Contract, given: Scalars, specs: Mapping[str, JsonValue]) -> Scalars:
    """Return the scalars that follow from the lengths of arrays given value by value."""
    found: Scalars = {}
    for p in contract.arrays:
        values, shape = specs.get(p.name), p.shape or "0"
        missing = expr.names(shape) - given.keys() - found.keys()
        if isinstance(values, list) and len(missing) == 1:
            (name,) = missing
            size = _solved(shape, name, {**given, **found}, len(values))
            if size is not None:
                found[name] = number(contract.parameter(name), size, name)
    return found


def _solved(shape: str, name: str, known: Scalars, length: int) -> int | None:
    """Return the smallest value of a scalar that gives a shape this length, None if none does.

    Shapes grow with each of their scalars, so halving finds it; where one does not, the length
    is compared with the shape once more when all scalars are known.
    """
    low, high = 0, _LARGEST_SIZE
    while low < high:
        middle = (low + high) // 2
        if evaluate(shape, {**known, name: middle}, name) >= length:
            high = middle
        else:
            low = middle + 1
    return low if evaluate(shape, {**known, name: low}, name) == length else None


def _sizes(benchmark: Benchmark, rng: np.random.Generator) -> Iterator[dict[str, int]]:
    """Yield values for scalars left out: the presets, then sizes as of hidden inputs.

    Whatever else is left out is then as in the preset, or left to be drawn within its bounds.
    """
    manifest = benchmark.manifest
    test = manifest.sizes["test"]
    yield from (test, manifest.sizes["small"], manifest.sizes["ref"])
    names = {p.name for p in size_parameters(benchmark.contract)}
    ranges = {n: (0, 2 * v) for n, v in manifest.sizes["small"].items()} | manifest.hidden
    spans = {n: span for n, span in ranges.items() if n in names}
    for turn in range(_DRAWS):
        drawn = {n: int(rng.integers(a, b, endpoint=True)) for n, (a, b) in spans.items()}
        yield drawn if turn % 2 else test | drawn


def _check_scalars(contract: Contract, known: Scalars) -> None:
    """Check whatever can be checked of the scalars that are known."""
    for p in contract.scalars:
        if p.name not in known:
            continue
        if p.fixed is not None and expr.names(p.fixed) <= known.keys():
            value = evaluate(p.fixed, known, p.name)
            if value != known[p.name]:
                raise UnfitError(f"scalar {p.name!r} must be {p.fixed} = {value}")
        needed = [expr.names(b) for b in (p.min, p.max) if isinstance(b, str)]
        if frozenset().union(*needed) <= known.keys():
            own = number(p, known[p.name], p.name)  # what follows from others may not fit
            check_legal(p, np.array([own], p.type.dtype), known)
    for text in contract.requires:
        if expr.names(text) <= known.keys() and evaluate(text, known, "requires") < 0:
            raise UnfitError(f"the contract requires {text} >= 0")


def _given(contract: Contract, raw: Mapping[str, JsonValue]) -> Scalars:
    known = {p.name: p for p in contract.scalars}
    for name in raw:
        if name not in known:
            names = ", ".join(known) or "none"
            raise UnfitError(f"unknown scalar {shown(name)}; the scalars are {names}")
    return {name: number(known[name], value, name) for name, value in raw.items()}
