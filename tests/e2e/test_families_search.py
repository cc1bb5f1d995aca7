"""Variants of the families dp_mix and scan_filter against oracles that read the values drawn."""

import ctypes
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import coopbench.suites.families as engine
from coopbench.harness.benchmark import Benchmark
from coopbench.harness.verify.edges import edge_inputs
from coopbench.harness.workload import KernelInput, make_input
from coopbench.suites.families import Variant, load_family

pytestmark = pytest.mark.e2e

FAMILIES = Path(engine.__file__).parent / "families"
VARIANTS = 12

Values = Mapping[str, Any]
Outcome = tuple[int, NDArray[Any]]
Step = tuple[int, int, int]
"""Score (more is better), minus the rank of the step, and how many are counted."""


def pair(v: Values, x: int, y: int) -> int:
    """Return what a pair scores, more being better."""
    if x == y:
        return int(v["match"])
    apart = min(abs(x - y), v["cap"]) if v["pairing"] == "distance" else 1
    return -int(v["mismatch"]) * apart


def way(v: Values, table: list[list[tuple[int, int]]], at: tuple[int, int], same: int) -> Step:
    """Return the best step into an inner cell, given what its pair scores and if it is equal."""
    i, j = at
    lone = v["counted"] == "gaps"
    count = {"pairs": 1, "matches": int(same == v["match"]), "gaps": 0}[v["counted"]]
    steps = {
        "diagonal": (table[i - 1][j - 1][0] + same, table[i - 1][j - 1][1] + count),
        "up": (table[i - 1][j][0] - v["gap"], table[i - 1][j][1] + lone),
        "left": (table[i][j - 1][0] - v["gap"], table[i][j - 1][1] + lone),
    }
    return max((steps[kind][0], -rank, steps[kind][1]) for rank, kind in enumerate(v["prefer"]))


def dp_mix(v: Values, arrays: Mapping[str, NDArray[Any]]) -> Outcome:
    """Fill a whole table of tuples, whose order is the rule for ties."""
    outer, inner = (arrays[name].tolist() for name in v["names"])
    lone = int(v["counted"] == "gaps")
    rows, columns = len(outer), len(inner)
    table = [[(0, 0)] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows + 1):
        for j in range(columns + 1):
            if i and j:
                score, _, count = way(v, table, (i, j), pair(v, outer[i - 1], inner[j - 1]))
                table[i][j] = (0, 0) if v["mode"] == "local" and score < 0 else (score, count)
            elif (i and v["mode"] != "local") or (j and v["mode"] == "global"):
                table[i][j] = (-v["gap"] * (i + j), lone * (i + j))
    ends = {
        "global": [table[-1][-1]],
        "fit": table[-1],
        "local": [(0, 0), *(cell for row in table[1:] for cell in row[1:])],
    }[v["mode"]]
    if v["ending"] == "last":
        ends = ends[::-1]
    score, count = max(ends, key=lambda end: end[0])
    return (score if v["goal"] == "most" else -score), np.array([count], np.uint32)


def wanted(v: Values, x: NDArray[Any]) -> NDArray[Any]:
    """Return which elements satisfy the predicate."""
    kind = v["subject"]["type"]
    low = v["cut"] - (0 if kind[0] == "u" else 1000)
    high, half = low + v["width"], v["width"] // 2
    wide = x.astype(np.float64) if kind[0] == "f" else x.astype(np.int64)
    tests: dict[str, Callable[[], NDArray[Any]]] = {
        "below": lambda: wide < high,
        "not_below": lambda: ~(wide < low),
        "between": lambda: (wide >= low) & (wide < high),
        "outside": lambda: (wide < low) | (wide >= high),
        "bits": lambda: (wide & v["mask"]) != 0,
        "multiple": lambda: np.fmod(wide, v["divisor"]) == 0,
        "near": lambda: (wide > low - half) & (wide < low + half),
    }
    return tests[v["subject"]["test"]]()


def scan_filter(v: Values, arrays: Mapping[str, NDArray[Any]]) -> Outcome:
    """Decide on each element first, then put the output together from slices."""
    x = arrays[v["names"][0]]
    places = np.arange(x.size)
    if v["order"] in ("back", "last_places"):
        places = places[::-1]
    keep = wanted(v, x)[places]
    seen = x[places]
    if v["state"] == "changed":
        keep[1:] &= seen[1:] != seen[:-1]
    elif v["state"] == "fresh":
        last: Any = None
        for at in np.flatnonzero(keep):
            keep[at] = last is None or bool(seen[at] != last)
            last = seen[at] if keep[at] else last
    taken, others = seen[keep], seen[~keep]
    zeros = np.zeros(others.size, x.dtype)
    out = {
        "front": lambda: np.concatenate((taken, zeros)),
        "back": lambda: np.concatenate((zeros, taken[::-1])),
        "split": lambda: np.concatenate((taken, others[::-1])),
    }.get(v["order"], lambda: np.concatenate((places[keep], zeros)).astype(np.uint32))()
    return (taken.size if v["returned"] == "count" else others.size), out


ORACLES: dict[str, Callable[[Values, Mapping[str, NDArray[Any]]], Outcome]] = {
    "dp_mix": dp_mix,
    "scan_filter": scan_filter,
}


def inputs(benchmark: Benchmark) -> Iterator[KernelInput]:
    """Yield small inputs of every distribution, and the edges."""
    sizes = benchmark.manifest.sizes["test"]
    for i in range(12):
        yield make_input(benchmark.contract, {n: s + i for n, s in sizes.items()}, i, variant=i)
    yield from (
        item for item in edge_inputs(benchmark, b"families") if max(item.lengths.values()) < 70
    )


def call(library: Path, benchmark: Benchmark, item: KernelInput) -> Outcome:
    """Call a kernel; return its value and its one output array."""
    contract = benchmark.contract
    arrays = {
        p.name: np.array(item.arrays[p.name])
        if p.is_input
        else np.full(item.lengths[p.name], 0x5A, p.type.dtype)
        for p in contract.arrays
    }
    function = getattr(ctypes.CDLL(str(library)), contract.function)
    function.restype = ctypes.c_int32 if contract.returns == "i32" else ctypes.c_size_t
    value = function(
        *(
            ctypes.c_void_p(arrays[p.name].ctypes.data)
            if p.is_array
            else ctypes.c_size_t(int(item.scalars[p.name]))
            for p in contract.parameters
        )
    )
    (out,) = (arrays[p.name] for p in contract.arrays if p.is_output)
    return value, out


def check(variant: Variant, folder: Path) -> None:
    """Compare a variant with its oracle on all inputs."""
    compiler = next((c for c in ("clang-19", "gcc") if shutil.which(c)), None)
    if compiler is None:
        pytest.skip("neither clang nor gcc is installed")
    root = variant.write(folder)
    library = root / "kernel.so"
    strict = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([compiler, *strict, str(root / "kernel.c"), "-o", str(library)], check=True)
    for item in inputs(variant.benchmark):
        value, out = ORACLES[variant.family](variant.values, item.arrays)
        got, written = call(library, variant.benchmark, item)
        assert got == value, f"{variant.values}: {item.label}"
        assert written.tobytes() == out.tobytes(), f"{variant.values}: {item.label}"


@pytest.mark.parametrize("family", sorted(ORACLES))
@pytest.mark.parametrize("seed", [0, 11])
def test_variants_of_searching_families_agree_with_oracle(
    family: str, seed: int, tmp_path: Path
) -> None:
    """What the templates make is what the values drawn say, on every kind of input."""
    count = engine.PUBLIC_VARIANTS if seed == 0 else VARIANTS
    for variant in load_family(FAMILIES / family).variants(seed, count):
        check(variant, tmp_path)
