"""What every starter kernel must compute, written a second time and differently, in Python.

Each oracle takes the call's scalars and input arrays by name (and, as `overlap NAME`, the
distance at which an output lies inside an input) and returns the value of the
call and the contents of its output arrays. Float oracles use numpy element-wise, so that every
element sees the same operations in the same order as the contract demands, without fusing.
"""

import importlib.util
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Outcome = tuple[int | None, dict[str, Array]]
Arguments = Mapping[str, Any]


def gemm_ijk(arg: Arguments) -> Outcome:
    n = arg["n"]
    a, b, c = (arg[name].reshape(n, n).copy() for name in "abc")
    for k in range(n):
        c += np.outer(a[:, k], b[k, :])
    return None, {"c": c.ravel()}


def jacobi5(arg: Arguments) -> Outcome:
    grid = arg["grid"].reshape(arg["rows"], arg["cols"]).copy()
    for _ in range(arg["sweeps"] if min(grid.shape) >= 3 else 0):
        middle, up, down = grid[1:-1, 1:-1], grid[:-2, 1:-1], grid[2:, 1:-1]
        left, right = grid[1:-1, :-2], grid[1:-1, 2:]
        grid[1:-1, 1:-1] = (middle + up + left + right + down) * 0.2
    return None, {"grid": grid.ravel()}


def spmv_short(arg: Arguments) -> Outcome:
    start, x = arg["row_start"].astype(int), arg["x"].copy()
    lengths = np.diff(start)
    for _ in range(arg["steps"]):
        y = np.zeros_like(x)
        for k in range(int(lengths.max(initial=0))):
            rows = np.flatnonzero(lengths > k)
            at = start[rows] + k
            y[rows] += arg["val"][at] * x[arg["col"][at]]
        x = y
    return None, {"x": x}


def scan_wrap(arg: Arguments) -> Outcome:
    x = arg["x"]
    for _ in range(arg["order"]):
        x = np.cumsum(x, dtype=np.uint32)
    return None, {"x": x}


def hist_skew(arg: Arguments) -> Outcome:
    return None, {"counts": np.bincount(arg["data"], minlength=256).astype(np.uint32)}


def find_sub(arg: Arguments) -> Outcome:
    at = arg["text"].tobytes().find(arg["needle"].tobytes())
    return (arg["n"] if at < 0 else at), {}


def utf8_check(arg: Arguments) -> Outcome:
    try:
        arg["text"].tobytes().decode("utf-8", "strict")
    except UnicodeDecodeError as e:
        return e.start, {}
    return arg["n"], {}


def crc_stream(arg: Arguments) -> Outcome:
    return zlib.crc32(arg["data"].tobytes(), arg["crc"]), {}


def edit_distance(arg: Arguments) -> Outcome:
    columns = np.arange(arg["nb"] + 1)
    row = columns.copy()
    for i, byte in enumerate(arg["a"].tolist(), start=1):
        fresh = np.minimum(row[1:] + 1, row[:-1] + (arg["b"] != byte))
        # the cheapest way along the row: each step to the right costs one
        row = np.minimum.accumulate(np.concatenate(([i], fresh)) - columns) + columns
    return int(row[-1]), {}


def sum_strict(arg: Arguments) -> Outcome:
    x, window = arg["x"], arg["window"]
    sums = np.zeros(arg["n"])
    for k in range(window):
        sums += x[k : k + sums.size]
    return None, {"sums": sums}


def copy_overlap(arg: Arguments) -> Outcome:
    buf = bytearray(arg["buf"].tobytes())
    for i in range(arg["count"]):
        buf[arg["dst"] + i] = buf[arg["src"] + i]
    return None, {"buf": np.frombuffer(bytes(buf), np.uint8)}


def chain_mix(arg: Arguments) -> Outcome:
    state, mask = arg["seed"], (1 << 64) - 1
    for _ in range(arg["n"]):
        state = (state ^ state >> 31) * 0x9E3779B97F4A7C15 & mask
        state = (state ^ state >> 27) * 0xD6E8FEB86659FD93 & mask
    return state, {}


def gram_rel(arg: Arguments) -> Outcome:
    x = arg["x"].reshape(arg["count"], arg["length"]).astype(np.longdouble)
    return None, {"gram": (x @ x.T).astype(np.float64).ravel()}


def compact_lt(arg: Arguments) -> Outcome:
    kept = arg["x"][arg["x"] < arg["limit"]]
    return kept.size, {"x": np.pad(kept, (0, arg["n"] - kept.size))}


def dec_u32(arg: Arguments) -> Outcome:
    text = "".join(f"{value}\n" for value in arg["x"].tolist()).encode()
    return len(text), {"text": np.frombuffer(text.ljust(11 * arg["n"], b"\0"), np.uint8)}


def window_max(arg: Arguments) -> Outcome:
    x, window = arg["x"], arg["window"]
    best = x[: arg["n"]].copy()
    for k in range(1, window):
        later = x[k : k + best.size]
        best = np.where(later > best, later, best)
    return None, {"best": best}


def fir_alias(arg: Arguments) -> Outcome:
    count, taps, shift = arg["n"], arg["taps"].tolist(), arg.get("overlap out")
    if shift is None:
        out = np.zeros(count)
        for k, tap in enumerate(taps):
            out += tap * arg["in"][k : k + count]
        return None, {"out": out}
    margin = abs(shift)
    memory = [0.0] * margin + arg["in"].tolist() + [0.0] * (margin + count)
    for i in range(count):
        total = 0.0
        for k, tap in enumerate(taps):
            total += tap * memory[margin + i + k]
        memory[margin + shift + i] = total
    return None, {"out": np.array(memory[margin + shift : margin + shift + count])}


ORACLES: dict[str, Callable[[Arguments], Outcome]] = {
    f.__name__: f
    for f in (
        gemm_ijk,
        jacobi5,
        spmv_short,
        scan_wrap,
        hist_skew,
        find_sub,
        utf8_check,
        crc_stream,
        edit_distance,
        sum_strict,
        copy_overlap,
        chain_mix,
        gram_rel,
        compact_lt,
        dec_u32,
        window_max,
        fir_alias,
    )
}


def _more() -> dict[str, Callable[[Arguments], Outcome]]:
    """Return the oracles of all modules `oracles_*.py` beside this one."""
    found: dict[str, Callable[[Arguments], Outcome]] = {}
    for path in sorted(Path(__file__).parent.glob("oracles_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found |= module.ORACLES
    return found


ORACLES |= _more()
