"""Concrete inputs: a workload is made from (contract, sizes, distribution, seed).

The same seed always gives the same input, on every machine: numpy's PCG64 streams are
stable by contract. Nothing here knows which inputs are secret; the caller chooses seeds.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopbench.harness import expr, generate
from coopbench.harness.contract import Contract, Parameter
from coopbench.harness.errors import UsageError

Scalars = dict[str, int | float]

TRIES = 400
"""Draws of the scalars before `requires` counts as unsatisfiable."""


@dataclass(frozen=True)
class KernelInput:
    """One call's arguments: scalars by name, input arrays by name, lengths of all arrays."""

    label: str
    """Regenerates or names the input in reports, e.g. `hidden seed=17 n=1009`."""
    scalars: Mapping[str, int | float]
    lengths: Mapping[str, int]
    """Number of elements of every array parameter."""
    arrays: Mapping[str, NDArray[Any]]
    """Contents of the in and inout arrays."""
    overlaps: Mapping[str, int] = field(default_factory=dict)
    """For an array placed inside an earlier one: the distance in elements."""


def derive_seed(secret: bytes, *parts: object) -> int:
    """Return a 63-bit seed bound to a secret and a path of names (BLAKE2b, keyed)."""
    text = "\0".join(str(p) for p in parts)
    digest = hashlib.blake2b(text.encode(), key=secret[:64], digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def make_input(
    contract: Contract,
    given: Mapping[str, int | float],
    seed: int,
    *,
    variant: int = 0,
    label: str = "",
) -> KernelInput:
    """Make one legal input.

    Args:
        contract: The kernel's contract.
        given: Values of some scalars (a preset, or an edge); the others are drawn.
        seed: Seed of every random choice.
        variant: Which distribution of each array is used (modulo their number).
        label: Name of the input in reports.

    Raises:
        UsageError: if no draw satisfies the contract's `requires`.
    """
    rng = np.random.default_rng(seed)
    scalars = draw_scalars(contract, given, rng)
    lengths = {p.name: max(0, expr.evaluate(p.shape or "0", scalars)) for p in contract.arrays}
    arrays: dict[str, NDArray[Any]] = {}
    overlaps: dict[str, int] = {}
    for p in contract.arrays:
        if p.overlaps is not None and rng.random() < 0.5:
            low, high = p.overlap_delta
            overlaps[p.name] = int(rng.integers(low, high + 1))
        if p.is_input:
            dist = p.distributions[variant % len(p.distributions)]
            arrays[p.name] = generate.array(p, dist, lengths[p.name], scalars, arrays, rng)
    sizes = " ".join(f"{k}={v}" for k, v in scalars.items())
    return KernelInput(
        f"{label} seed={seed} variant={variant} {sizes}".strip(), scalars, lengths, arrays, overlaps
    )


_ROTATABLE = frozenset(
    {"uniform", "normal", "small_integers", "few", "skewed", "alphabet", "words", "bits", "utf8"}
)


def rotated(contract: Contract, base: KernelInput, seed: int) -> KernelInput | None:
    """Return another input of the same sizes, made by rotating the arrays of a fresh one.

    A secret rotation costs a copy where a fresh draw costs many times the kernel. Only arrays
    whose distribution does not depend on the position are rotated.

    Returns:
        None if no array can be rotated; the caller must draw afresh.
    """
    rng = np.random.default_rng(seed)
    arrays = dict(base.arrays)
    turned = False
    for p in contract.arrays:
        old = base.arrays.get(p.name)
        if old is None or old.size < 2 or p.sorted or p.distributions[0].kind not in _ROTATABLE:
            continue
        at = int(rng.integers(1, old.size))
        if p.distributions[0].kind == "utf8":
            starts = np.flatnonzero((old[at : at + 4] & 0xC0) != 0x80)
            at = at + int(starts[0]) if starts.size else old.size  # never cut a sequence
        arrays[p.name] = np.concatenate((old[at:], old[:at]))
        turned = True
    if not turned:
        return None
    return KernelInput(
        f"{base.label} rotated {seed}", base.scalars, base.lengths, arrays, base.overlaps
    )


def draw_scalars(
    contract: Contract,
    given: Mapping[str, int | float],
    rng: np.random.Generator,
    tries: int = TRIES,
) -> Scalars:
    """Complete `given` to a legal set of scalar arguments, in signature order.

    Raises:
        UsageError: if none is found in that many tries.
    """
    for _ in range(tries):
        values = _draw_once(contract, given, rng)
        if values is not None and all(expr.evaluate(r, values) >= 0 for r in contract.requires):
            return values
    raise UsageError(
        f"{contract.function}: no scalars satisfy requires {list(contract.requires)} with {dict(given)}; "
        "narrow min/max of the scalar parameters"
    )


def _draw_once(
    contract: Contract, given: Mapping[str, int | float], rng: np.random.Generator
) -> Scalars | None:
    values: Scalars = {}
    pending = list(contract.scalars)
    while pending:
        ready = [p for p in pending if _needs(p) <= set(values)]
        if not ready:
            raise UsageError(
                f"{contract.function}: bounds of {pending[0].name!r} refer to each other"
            )
        for p in ready:
            pending.remove(p)
            value = _draw_scalar(p, given, values, rng)
            if value is None:
                return None
            values[p.name] = value
    return {p.name: values[p.name] for p in contract.scalars}


def _needs(p: Parameter) -> frozenset[str]:
    texts = [t for t in (p.fixed, p.min, p.max) if isinstance(t, str)]
    return frozenset().union(*(expr.names(t) for t in texts))


def _draw_scalar(
    p: Parameter, given: Mapping[str, int | float], known: Scalars, rng: np.random.Generator
) -> int | float | None:
    if p.fixed is not None:
        return expr.evaluate(p.fixed, known)
    low, high = generate.bounds(p, known)
    if p.name in given:
        value = given[p.name]
        return value if low <= value <= high else None
    if low > high:
        return None
    if p.type.is_float:
        return float(rng.uniform(max(low, -1e6), min(high, 1e6)))
    return int(
        rng.integers(int(low), int(high), endpoint=True, dtype=np.uint64 if low >= 0 else np.int64)
    )
