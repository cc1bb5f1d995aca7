"""Reads a proposed input of a kernel: `{"scalars": …, "arrays": …, "overlaps": …}`.

What is given is taken as it is or refused; what is left out is filled in: scalars that follow
from others, lengths of arrays given value by value, preset sizes, and else legal draws.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import JsonValue, ValidationError

from coopbench.harness import generate
from coopbench.harness.benchmark import Benchmark
from coopbench.harness.contract import Contract, Distribution, Parameter
from coopbench.harness.errors import UsageError
from coopbench.harness.proposals_scalars import read_scalars
from coopbench.harness.proposals_values import (
    Array,
    UnfitError,
    check_legal,
    contents,
    evaluate,
    shown,
)
from coopbench.harness.workload import KernelInput, Scalars, draw_scalars

WORKLOAD_BYTES = 4 << 20
"""Most bytes of all arrays of one proposed input together."""
_EXPRESSION = re.compile(r"[A-Za-z0-9_+\-*/%(), ]{1,80}")


def read_kernel(benchmark: Benchmark, workload: Mapping[str, JsonValue], label: str) -> KernelInput:
    """Return the input that a proposal describes.

    Raises:
        UnfitError: naming the parameter and the rule it breaks.
    """
    contract = benchmark.contract
    specs = section(workload, "arrays")
    _check_array_names(contract, specs)
    scalars = read_scalars(benchmark, section(workload, "scalars"), specs)
    lengths = _lengths(contract, scalars)
    _check_sizes(benchmark, lengths)
    arrays: dict[str, Array] = {}
    for p in contract.arrays:
        if p.is_input:
            arrays[p.name] = _array(p, specs.get(p.name), lengths[p.name], scalars, arrays)
    overlaps = _overlaps(contract, section(workload, "overlaps"))
    _check_shared(contract, arrays, overlaps)
    sizes = " ".join(f"{k}={v}" for k, v in scalars.items())
    return KernelInput(f"{label} {sizes}".strip(), scalars, lengths, arrays, overlaps)


def kernel_digest(item: KernelInput) -> str:
    """Return a hash of an input's content, whatever it is called."""
    h = hashlib.sha256(repr((sorted(item.scalars.items()), sorted(item.overlaps.items()))).encode())
    for name, values in sorted(item.arrays.items()):
        h.update(f"\0{name}\0{values.dtype}\0".encode())
        h.update(np.ascontiguousarray(values).tobytes())
    return h.hexdigest()


def kernel_bytes(contract: Contract, lengths: Mapping[str, int]) -> int:
    """Return the bytes of all arrays of a call."""
    return sum(lengths[p.name] * p.type.dtype.itemsize for p in contract.arrays)


def section(workload: Mapping[str, JsonValue], key: str) -> dict[str, JsonValue]:
    """Return an object within a proposal; empty if it is left out.

    Raises:
        UnfitError: if it is something else.
    """
    value = workload.get(key, {})
    if not isinstance(value, dict):
        raise UnfitError(f'"{key}" must be an object, not {shown(value)}')
    return value


def _check_array_names(contract: Contract, specs: Mapping[str, JsonValue]) -> None:
    inputs = [p.name for p in contract.arrays if p.is_input]
    for name in specs:
        if name not in inputs:
            own = any(p.name == name for p in contract.arrays)
            why = "is no input: its contents are not yours to set" if own else "is unknown"
            raise UnfitError(
                f"array {shown(name)} {why}; the input arrays are {', '.join(inputs) or 'none'}"
            )


def _lengths(contract: Contract, scalars: Scalars) -> dict[str, int]:
    return {p.name: max(0, evaluate(p.shape or "0", scalars, p.name)) for p in contract.arrays}


def _check_sizes(benchmark: Benchmark, lengths: Mapping[str, int]) -> None:
    contract = benchmark.contract
    full = draw_scalars(contract, benchmark.manifest.sizes["ref"], np.random.default_rng(0))
    for name, most in _lengths(contract, full).items():
        if lengths[name] > most:
            raise UnfitError(
                f"array {name!r} would have {shown(lengths[name])} elements; at most {most} are "
                "allowed, as in the largest preset"
            )
    if kernel_bytes(contract, lengths) > WORKLOAD_BYTES:
        raise UnfitError(f"the arrays would have more than {WORKLOAD_BYTES >> 20} MiB together")


def _array(
    p: Parameter, raw: JsonValue, length: int, scalars: Scalars, arrays: Mapping[str, Array]
) -> Array:
    if isinstance(raw, list):
        values = contents(p, raw, length)
    elif raw is None or isinstance(raw, dict):
        values = _drawn(p, raw, length, scalars, arrays)
    else:
        raise UnfitError(
            f'array {p.name!r} must be a list of values or {{"kind": …}}, not {shown(raw)}'
        )
    check_legal(p, values, scalars)
    return values


def _drawn(
    p: Parameter,
    raw: dict[str, JsonValue] | None,
    length: int,
    scalars: Scalars,
    arrays: Mapping[str, Array],
) -> Array:
    """Draw contents with the generator that makes all inputs of a benchmark.

    It sorts what the contract wants sorted and never yields special values that the contract
    excludes; whatever else is wrong with the draw is for the caller to find.
    """
    seed = (raw or {}).get("seed", 0)
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 1 << 63:
        raise UnfitError(f'array {p.name!r}: "seed" must be an integer from 0 to 2**63 - 1')
    dist = p.distributions[0] if raw is None else _distribution(p, raw)
    if dist.kind == "offsets":
        _check_offsets(p, dist, scalars)
    rng = np.random.default_rng(seed)
    try:
        with np.errstate(all="ignore"):
            return generate.array(p, dist, length, scalars, dict(arrays), rng)
    except (UsageError, ValueError, OverflowError) as e:
        raise UnfitError(f"array {p.name!r}: {dist.kind!r} does not fit it: {e}") from None


def _distribution(p: Parameter, raw: Mapping[str, JsonValue]) -> Distribution:
    try:
        dist = Distribution.model_validate({k: v for k, v in raw.items() if k != "seed"})
    except ValidationError as e:
        first = e.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "kind"
        raise UnfitError(f"array {p.name!r}: {where!a}: {first['msg']}") from None
    if not 0.0 <= dist.damage <= 1.0:
        raise UnfitError(f'array {p.name!r}: "damage" is a share from 0 to 1')
    for text in (dist.first, dist.last):
        if text and not _EXPRESSION.fullmatch(text):
            raise UnfitError(f"array {p.name!r}: {shown(text)} is no expression")
    return dist


def _check_offsets(p: Parameter, dist: Distribution, scalars: Scalars) -> None:
    low, high = generate.type_range(p.type)
    for text in (dist.first, dist.last or str(int(high))):
        if not low <= evaluate(text, scalars, f"array {p.name!r}") <= high:
            raise UnfitError(f"array {p.name!r}: offsets end at {shown(text)}, beyond {p.type}")


def _overlaps(contract: Contract, raw: Mapping[str, JsonValue]) -> dict[str, int]:
    able = {p.name: p for p in contract.arrays if p.overlaps is not None}
    found: dict[str, int] = {}
    for name, delta in raw.items():
        if name not in able:
            raise UnfitError(f"array {shown(name)} may not overlap another")
        low, high = able[name].overlap_delta
        if isinstance(delta, bool) or not isinstance(delta, int) or not low <= delta <= high:
            raise UnfitError(
                f"overlaps: the distance of {name!r} from {able[name].overlaps!r} must be an "
                f"integer from {low} to {high}, not {shown(delta)}"
            )
        found[name] = delta
    return found


def _check_shared(
    contract: Contract, arrays: Mapping[str, Array], overlaps: Mapping[str, int]
) -> None:
    """Refuse two inputs in one place that want different bytes there."""
    for name, delta in overlaps.items():
        p = contract.parameter(name)
        mine, other = arrays.get(name), arrays.get(p.overlaps or "")
        if mine is None or other is None:
            continue
        start, end = max(0, delta), min(other.size, delta + mine.size)
        if end > start and not _same(mine[start - delta : end - delta], other[start:end]):
            raise UnfitError(f"arrays {name!r} and {p.overlaps!r} overlap with different contents")


def _same(a: Any, b: Any) -> bool:
    return bool(a.dtype == b.dtype and a.tobytes() == b.tobytes())
