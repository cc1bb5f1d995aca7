"""Variants of the families stencil_mix and gather_mix against oracles that read the values drawn."""

import ctypes
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import coopbench.suites.families as engine
from coopbench.harness.benchmark import Benchmark
from coopbench.harness.contract import FloatPolicy, ScalarType
from coopbench.harness.verify.compare import differs
from coopbench.harness.verify.edges import edge_inputs
from coopbench.harness.workload import KernelInput, make_input
from coopbench.suites.families import Variant, load_family

pytestmark = pytest.mark.e2e

FAMILIES = Path(engine.__file__).parent / "families"
VARIANTS = 12

Values = Mapping[str, Any]
Array = NDArray[Any]
Tap = tuple[int, int, float]
"""Rows down, columns to the right, and signed weight."""


def taps(v: Values) -> list[Tap]:
    """Return the taps in the order in which they are added."""
    reach = range(-v["radius"], v["radius"] + 1)
    inside: Callable[[int, int], bool] = {
        "box": lambda _i, _j: True,
        "cross": lambda i, j: i * j == 0,
        "diagonal": lambda i, j: i * i == j * j,
    }[v["form"]]
    places = [(i, j) for i, j in product(reach, reach) if inside(i, j)]
    if v["order"] == "columns":
        places.sort(key=lambda place: (place[1], place[0]))
    elif v["order"] == "backward":
        places.reverse()
    elif v["order"] == "centre_first":
        places.sort(key=lambda place: place != (0, 0))
    return [(i, j, weight(v, k)) for k, (i, j) in enumerate(places)]


def weight(v: Values, k: int) -> float:
    """Return the signed weight of the k-th tap."""
    size: int = (v["weight_key"] * (k + 3) + 5 * k * k) % 13 + 1
    sign = -1 if (v["weight_key"] // 7 + 5 * k) % 4 == 0 else 1
    return sign * size / 64 if v["element"][0] == "f" else sign * size


def around(v: Values, old: Array, i: int, j: int) -> Any:
    """Return the element in a row and column under the rule for the edges."""
    rows, cols = old.shape
    if v["edge"] == "wrap":
        return old[i % rows, j % cols]
    if v["edge"] == "clamp":
        return old[min(max(i, 0), rows - 1), min(max(j, 0), cols - 1)]
    return old[i, j] if 0 <= i < rows and 0 <= j < cols else old.dtype.type(0)


def stencil_mix(v: Values, arg: Mapping[str, Any]) -> Array:
    """Compute element by element, with one rounding an operation or whole numbers."""
    kind = ScalarType(v["element"]).dtype.type
    new: Array = arg[v["grid"]].reshape(arg["height"], arg["width"]).copy()
    margin = v["radius"] if v["edge"] == "keep" else 0
    rows, cols = (range(margin, size - margin) for size in new.shape)
    for _ in range(arg["sweeps"]):
        old = new if v["flow"] == "in_place" else new.copy()
        for i, j in product(rows, cols):
            if v["element"][0] == "f":
                total = kind(0)
                for down, right, by in taps(v):
                    total += kind(by) * around(v, old, i + down, j + right)
                new[i, j] = total
            else:
                whole = sum(int(by) * int(around(v, old, i + d, j + r)) for d, r, by in taps(v))
                new[i, j] = (whole % (1 << 32) >> v["shift"]) % (1 << 8 * new.itemsize)
    return new.ravel()


def gather_mix(v: Values, arg: Mapping[str, Any]) -> Array:
    """Go through the places in the order drawn, with the rule drawn."""
    kind = ScalarType(v["element"]).dtype.type
    n, width, table = arg["n"], v["width"], arg[v["table"]]
    is_float = v["element"][0] == "f"
    factor = kind(v["factor"] / 64 if is_float else v["factor"])
    count = {"group": -(-n // width), "residue": width}.get(v["target"], arg.get("slots", 0))
    places = {
        "up": list(range(n)),
        "down": list(range(n))[::-1],
        "evens_odds": [*range(0, n, 2), *range(1, n, 2)],
    }[v["order"]]
    rule: Callable[[Any, Any], Any] = {
        "sum": lambda total, value: total + value,
        "scaled": lambda total, value: total + factor * value,
        "horner": lambda total, value: total * factor + value,
        "larger": lambda total, value: value if value > total else total,
    }[v["rule"]]
    total = np.zeros(count, kind) if v["start"] == "clear" else arg[v["totals"]].copy()
    for turn, k in product(range(arg["rounds"]), places):
        at = {"group": k // width, "residue": k % width}.get(v["target"])
        at = int(arg["to"][k]) if at is None else at
        total[at] = rule(total[at], table[int(arg["from"][k]) + turn])
    return total


ORACLES: dict[str, Callable[[Values, Mapping[str, Any]], Array]] = {
    "stencil_mix": stencil_mix,
    "gather_mix": gather_mix,
}


def inputs(benchmark: Benchmark) -> Iterator[KernelInput]:
    """Yield small inputs of every distribution, and the smaller edges."""
    sizes = benchmark.manifest.sizes["test"]
    for i in range(6):
        given = {n: s + (i if n != "sweeps" else 0) for n, s in sizes.items()}
        yield make_input(benchmark.contract, given, i, variant=i)
    for item in edge_inputs(benchmark, b"families"):
        turns = item.scalars.get("sweeps", item.scalars.get("rounds", 0))
        if max(item.lengths.values()) * turns < 300:
            yield item


def call(library: Path, benchmark: Benchmark, item: KernelInput) -> Array:
    """Call a kernel; return its one output array."""
    contract = benchmark.contract
    arrays = {
        p.name: np.array(item.arrays[p.name])
        if p.is_input
        else np.full(item.lengths[p.name], 0x5A, p.type.dtype)
        for p in contract.arrays
    }
    function = getattr(ctypes.CDLL(str(library)), contract.function)
    function.restype = None
    function(
        *(
            ctypes.c_void_p(arrays[p.name].ctypes.data)
            if p.is_array
            else ctypes.c_size_t(int(item.scalars[p.name]))
            for p in contract.parameters
        )
    )
    (out,) = (arrays[p.name] for p in contract.arrays if p.is_output)
    return out


def check(variant: Variant, folder: Path) -> None:
    """Compare a variant with its oracle on all inputs."""
    compiler = next((c for c in ("clang-19", "gcc") if shutil.which(c)), None)
    if compiler is None:
        pytest.skip("neither clang nor gcc is installed")
    root = variant.write(folder)
    library = root / "kernel.so"
    strict = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off"]
    words = [*strict, "-shared", "-fPIC", str(root / "kernel.c"), "-o", str(library)]
    subprocess.run([compiler, *words], check=True)
    for item in inputs(variant.benchmark):
        with np.errstate(all="ignore"):
            want = ORACLES[variant.family](variant.values, {**item.scalars, **item.arrays})
        got = call(library, variant.benchmark, item)
        assert not differs(want, got, FloatPolicy()).any(), f"{variant.values}: {item.label}"


@pytest.mark.parametrize("family", sorted(ORACLES))
@pytest.mark.parametrize("seed", [0, 11])
def test_variants_of_numeric_families_agree_with_oracle(
    family: str, seed: int, tmp_path: Path
) -> None:
    """What the templates make is what the values drawn say, on every kind of input."""
    count = engine.PUBLIC_VARIANTS if seed == 0 else VARIANTS
    for variant in load_family(FAMILIES / family).variants(seed, count):
        check(variant, tmp_path)
