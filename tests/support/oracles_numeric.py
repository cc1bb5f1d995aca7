"""Oracles of the kernels that sum, smooth and multiply."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Outcome = tuple[int | None, dict[str, Array]]
Arguments = Mapping[str, Any]


def accum8(arg: Arguments) -> Outcome:
    """Sum whole periods as rows of eight, or walk one memory if the sums lie in the signal."""
    x, n, lags, shift = arg["x"], arg["n"], arg["lags"], arg.get("overlap sums")
    if shift is not None:
        return _accum8_inside(x, n, lags, shift)
    sums = np.zeros((lags, 8))
    for lag in range(lags):
        products = x[:n] * x[lag : lag + n]
        for at in range(0, n, 8):
            row = products[at : at + 8]
            sums[lag, : row.size] += row
    return None, {"sums": sums.ravel()}


def _accum8_inside(x: Array, n: int, lags: int, shift: int) -> Outcome:
    signal, sums = max(0, -shift), max(0, shift)
    memory = [0.0] * (max(signal + n + lags, sums + 8 * lags))
    memory[signal : signal + n + lags] = x.tolist()
    memory[sums : sums + 8 * lags] = [0.0] * (8 * lags)
    for lag in range(lags):
        for i in range(n):
            memory[sums + 8 * lag + i % 8] += memory[signal + i] * memory[signal + i + lag]
    return None, {"sums": np.array(memory[sums : sums + 8 * lags], np.float64)}


def axpy_shift(arg: Arguments) -> Outcome:
    """Take the signal apart into as many interleaved chains as the shift is long."""
    v = arg["v"].copy()
    for by, gain in zip(arg["shift"].tolist(), arg["gain"], strict=True):
        n = v.size
        if by <= 0:
            v[: max(n + by, 0)] += gain * v[-by:]
        else:
            for start in range(by, n, by):
                part = v[start : start + by]
                part += gain * v[start - by : start - by + part.size]
    return None, {"v": v}


def argmin_first(arg: Arguments) -> Outcome:
    """Replace, center by center, where the distance is less."""
    points, centers = (arg[name].reshape(-1, 4) for name in ("point", "center"))
    nearest = np.zeros(len(points), np.uint32)
    least: Array = np.zeros(0)
    for k, center in enumerate(centers):
        squares = (points - center) ** 2
        here = ((squares[:, 0] + squares[:, 1]) + squares[:, 2]) + squares[:, 3]
        closer = here < least if k else np.ones(len(points), np.bool_)
        least = np.where(closer, here, least) if k else here
        nearest[closer] = k
    return None, {"nearest": nearest}


def seidel5(arg: Arguments) -> Outcome:
    """Go along the diagonals, on each of which no point needs another."""
    rows, cols = arg["rows"], arg["cols"]
    g = arg["grid"].copy()
    for _ in range(arg["sweeps"] if min(rows, cols) >= 3 else 0):
        for diagonal in range(2, rows + cols - 3):
            i = np.arange(max(1, diagonal - cols + 2), min(rows - 2, diagonal - 1) + 1)
            at = i * cols + diagonal - i
            g[at] = 0.2 * (g[at] + g[at - cols] + g[at - 1] + g[at + 1] + g[at + cols])
    return None, {"grid": g}


def life_torus(arg: Arguments) -> Outcome:
    """Add the eight rolled boards."""
    cells = arg["cells"].reshape(arg["rows"], arg["cols"])
    for _ in range(arg["generations"] if cells.size else 0):
        moves = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)]
        count = np.sum([np.roll(cells, move, (0, 1)) for move in moves], axis=0)
        cells = ((count == 3) | ((count == 2) & (cells == 1))).astype(np.uint8)
    return None, {"cells": cells.ravel()}


def colsum(arg: Arguments) -> Outcome:
    """Add row after row to all sums."""
    total = np.zeros(arg["cols"], np.float32)
    for row in arg["a"].reshape(arg["rows"], arg["cols"]):
        total += row
    return None, {"sum": total}


def spgemm_list(arg: Arguments) -> Outcome:
    """Collect each row in a dictionary."""
    n, room = arg["n"], arg["n"] ** 2
    start, col, val = [0], [], []
    a, b = (_rows(arg, name) for name in "ab")
    for row in a:
        sums: dict[int, float] = {}
        for k, left in row:
            for j, right in b[k]:
                sums[j] = sums[j] + left * right if j in sums else left * right
        col += sorted(sums)
        val += [sums[j] for j in sorted(sums)]
        start.append(len(col))
    return start[n], {
        "c_start": np.array(start, np.uint32),
        "c_col": np.array(col + [0] * (room - len(col)), np.uint32),
        "c_val": np.array(val + [0.0] * (room - len(val)), np.float64),
    }


def _rows(arg: Arguments, name: str) -> list[list[tuple[int, float]]]:
    start = arg[f"{name}_start"].tolist()
    pairs = list(zip(arg[f"{name}_col"].tolist(), arg[f"{name}_val"].tolist(), strict=True))
    return [pairs[begin:end] for begin, end in pairwise(start)]


def box_blur(arg: Arguments) -> Outcome:
    """Difference of a table of sums over the padded image."""
    image, r = arg["image"].reshape(arg["rows"], arg["cols"]), arg["radius"]
    if image.size == 0:
        return None, {"blurred": image.ravel()}
    side = 2 * r + 1
    table = np.pad(image.astype(np.int64), r, "edge").cumsum(0).cumsum(1)
    table = np.pad(table, ((1, 0), (1, 0)))
    sums = table[side:, side:] - table[:-side, side:] - table[side:, :-side] + table[:-side, :-side]
    return None, {"blurred": ((sums + side**2 // 2) // side**2).astype(np.uint8).ravel()}


def fft_twiddle(arg: Arguments) -> Outcome:
    """Use numpy's transform."""
    if arg["n"] == 0:
        return None, {"out": np.zeros(0)}
    return None, {"out": np.fft.fft(arg["in"].view(np.complex128)).view(np.float64)}


def horner_many(arg: Arguments) -> Outcome:
    """One coefficient at a time, for all points."""
    value = np.zeros(arg["n"])
    for c in arg["c"][::-1]:
        value = value * arg["x"] + c
    return None, {"value": value}


ORACLES: dict[str, Callable[[Arguments], Outcome]] = {
    f.__name__: f
    for f in (
        accum8,
        axpy_shift,
        argmin_first,
        seidel5,
        life_torus,
        colsum,
        spgemm_list,
        box_blur,
        fft_twiddle,
        horner_many,
    )
}
