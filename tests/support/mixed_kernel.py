"""A kernel with one parameter for each rule of contracts, and an oracle of what is legal."""

from typing import Any

import numpy as np

from coopbench.harness.workload import KernelInput

MIXED_TOML = """
name = "mixed"
kind = "kernel"
title = "One parameter for each rule"
why = "fixture"

[contract]
function = "mixed"
requires = ["n - k"]

[[contract.parameters]]
name = "n"
type = "size"

[[contract.parameters]]
name = "k"
type = "u8"
min = 2
max = 40

[[contract.parameters]]
name = "total"
type = "u32"
fixed = "n * k"

[[contract.parameters]]
name = "scale"
type = "f32"
min = -0.5
max = 0.1
special = ["nan"]

[[contract.parameters]]
name = "x"
type = "f64"
shape = "n"
distributions = [{ kind = "uniform" }, { kind = "normal" }]

[[contract.parameters]]
name = "wild"
type = "f32"
shape = "k"
special = ["nan", "inf", "negzero"]
max = 2.5
distributions = [{ kind = "uniform" }]

[[contract.parameters]]
name = "ordered"
type = "i16"
shape = "n"
sorted = true
min = -5
distributions = [{ kind = "uniform" }]

[[contract.parameters]]
name = "index"
type = "u32"
shape = "n"
max = "max(n, 1) - 1"
role = "inout"
distributions = [{ kind = "uniform" }]

[[contract.parameters]]
name = "starts"
type = "u32"
shape = "k + 1"
sorted = true
max = "n"
distributions = [{ kind = "offsets", first = "1", last = "n" }]

[[contract.parameters]]
name = "order"
type = "u8"
shape = "k"
distributions = [{ kind = "permutation" }]

[[contract.parameters]]
name = "text"
type = "u8"
shape = "n"
min = 32
max = 126
distributions = [{ kind = "alphabet", letters = "abc" }]

[[contract.parameters]]
name = "twin"
type = "u8"
shape = "n"
min = 32
max = 126
overlaps = "text"
overlap_delta = [-2, 3]
distributions = [{ kind = "constant" }]

[[contract.parameters]]
name = "out"
type = "f64"
shape = "n"
role = "out"

[sizes]
test = { n = 12, k = 4 }
small = { n = 30, k = 6 }
ref = { n = 60, k = 20 }
"""

LONGEST = {
    **dict.fromkeys(("x", "ordered", "index", "text", "twin", "out"), 60),
    "wild": 20,
    "starts": 21,
    "order": 20,
}
"""Lengths of the arrays in the preset `ref`."""


def violations(item: KernelInput) -> list[str]:
    """Return what is wrong with an input of the kernel, written down by hand from its contract."""
    s, a = item.scalars, item.arrays
    n, k, scale = s["n"], s["k"], s["scale"]
    rules = {
        "n": isinstance(n, int) and n >= 0,
        "k": isinstance(k, int) and 2 <= k <= 40,
        "requires": n >= k,
        "total": s["total"] == n * k and n * k < 2**32,
        "scale": scale != scale or (-0.5 <= scale <= np.float32(0.1) and _ordinary(scale, 2**-126)),
        "lengths": item.lengths == {**dict.fromkeys(LONGEST, n), **_by_k(int(k))},
        "sizes": all(item.lengths[name] <= most for name, most in LONGEST.items()),
        "contents": all(a[name].size == item.lengths[name] for name in a),
        "x": all(abs(v) <= 1000 and v == v for v in _values(a["x"])),
        "wild": all(
            not (np.isfinite(v) and (not -1000 <= v <= 2.5 or 0 < abs(v) < 2.0**-126))
            for v in _values(a["wild"])
        ),
        "ordered": _values(a["ordered"]) == sorted(_values(a["ordered"]))
        and all(v >= -5 for v in _values(a["ordered"])),
        "index": all(0 <= v <= max(n, 1) - 1 for v in _values(a["index"])),
        "starts": _values(a["starts"]) == sorted(_values(a["starts"]))
        and a["starts"][0] == 1
        and a["starts"][-1] == n,
        "order": sorted(_values(a["order"])) == list(range(int(k))),
        "text": all(32 <= v <= 126 for v in [*_values(a["text"]), *_values(a["twin"])]),
        "overlaps": not item.overlaps or _agree(a["text"], a["twin"], item.overlaps["twin"]),
    }
    return [name for name, kept in rules.items() if not kept]


def _by_k(k: int) -> dict[str, int]:
    return {"wild": k, "starts": k + 1, "order": k}


def _ordinary(value: float, tiny: float) -> bool:
    negative_zero = value == 0 and str(value).startswith("-")
    return not negative_zero and not 0 < abs(value) < tiny


def _values(array: Any) -> list[Any]:
    return list(array.tolist())


def _agree(text: Any, twin: Any, delta: int) -> bool:
    pairs = [(i, i + delta) for i in range(len(twin)) if 0 <= i + delta < len(text)]
    return -2 <= delta <= 3 and all(twin[i] == text[j] for i, j in pairs)
