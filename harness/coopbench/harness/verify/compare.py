"""Compares two results under a float policy and names the first difference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopbench.harness.contract import Contract, FloatPolicy
from coopbench.harness.driver.arena import Results

Array = NDArray[Any]


@dataclass(frozen=True)
class Difference:
    """Where two results of the same call part, in words."""

    call: int
    where: str
    expected: str
    got: str


def first_difference(contract: Contract, expected: Results, got: Results) -> Difference | None:
    """Return the first call whose outputs or return value differ, or None.

    Raises:
        ValueError: if the two results are not of the same calls (our own mistake).
    """
    if len(expected.outputs) != len(got.outputs):
        raise ValueError("results of different calls")
    for call, (want, have) in enumerate(zip(expected.outputs, got.outputs, strict=True)):
        found = _outputs(contract, want, have)
        if found is None and contract.returns is not None:
            dtype = contract.returns.dtype
            pair = (
                np.frombuffer(r.returns[call][: dtype.itemsize], dtype) for r in (expected, got)
            )
            found = _array("return value", next(pair), next(pair), contract.float_policy)
        if found is not None:
            return Difference(call, *found)
    return None


def _outputs(
    contract: Contract, want: Mapping[str, Array], have: Mapping[str, Array]
) -> tuple[str, str, str] | None:
    for name, expected in want.items():
        found = _array(name, expected, have[name], contract.float_policy)
        if found is not None:
            return found
    return None


def _array(name: str, want: Array, have: Array, policy: FloatPolicy) -> tuple[str, str, str] | None:
    if want.tobytes() == have.tobytes():
        return None
    bad = differs(want, have, policy)
    if not bad.any():
        return None
    index = int(np.argmax(bad))
    where = name if want.size == 1 else f"{name}[{index}]"
    if bad.sum() > 1:
        where += f" and {int(bad.sum()) - 1} more of {want.size}"
    return where, _show(want[index]), _show(have[index])


def differs(want: Array, have: Array, policy: FloatPolicy) -> NDArray[np.bool_]:
    """Return, per element, whether two arrays of one type differ under the policy.

    Whatever the policy, classes must agree: NaN with NaN, an infinity with the same
    infinity. Under `exact` the payload of a NaN is ignored and the sign of zero counts.
    """
    if want.dtype.kind != "f":
        return np.asarray(want != have)
    both_nan = np.isnan(want) & np.isnan(have)
    bits = np.dtype(f"<i{want.dtype.itemsize}")
    unlike = np.asarray((want.view(bits) != have.view(bits)) & ~both_nan)
    if policy.kind == "exact":
        return unlike
    finite = np.isfinite(want) & np.isfinite(have)
    if policy.kind == "ulp":
        far = np.asarray(_ulps(want, have) > policy.max_ulp)
    else:
        far = _beyond_norm(want, have, finite, policy)
    return np.asarray(unlike & (~finite | far))


def _ulps(want: Array, have: Array) -> Array:
    """Distance in units in the last place, through the ordered integer representation."""
    bits = np.dtype(f"<i{want.dtype.itemsize}")
    ordered = []
    for x in (want, have):
        raw = x.view(bits).astype(object)
        sign = 1 << (8 * bits.itemsize - 1)
        ordered.append(np.where(raw < 0, -(raw + sign), raw))
    return np.asarray(np.abs(ordered[0] - ordered[1]))


def _beyond_norm(
    want: Array, have: Array, finite: NDArray[np.bool_], policy: FloatPolicy
) -> NDArray[np.bool_]:
    a = np.where(finite, want, 0).astype(np.float64)
    b = np.where(finite, have, 0).astype(np.float64)
    with np.errstate(over="ignore"):  # an infinite error is what it looks like: too large
        error = np.abs(a - b)
        scale = float(np.linalg.norm(a))
        if not float(np.linalg.norm(error)) <= policy.bound * scale:
            return np.asarray(error > 0)
    return np.asarray(error > policy.element_bound * float(np.max(np.abs(a), initial=0.0)))


def _show(value: Any) -> str:
    if isinstance(value, np.floating):
        return f"{float(value)!r} ({float(value).hex()})"
    return str(value)
