"""Oracles of the kernels that sort, search, and walk tables, trees and graphs."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Outcome = tuple[int | None, dict[str, Array]]
Arguments = Mapping[str, Any]


def rec_sort(arg: Arguments) -> Outcome:
    """Order the record numbers by key, stably, and pick the records."""
    records = arg["words"].reshape(arg["n"], 2)
    order = sorted(range(arg["n"]), key=records[:, 0].tolist().__getitem__)
    return None, {"words": records[order].ravel()}


def ins_sort(arg: Arguments) -> Outcome:
    """Use Python's sort, which is stable and takes -0.0 and 0.0 as equal."""
    return None, {"x": np.array(sorted(arg["x"].tolist()), np.float64)}


def lower_bound_many(arg: Arguments) -> Outcome:
    """Use numpy's search."""
    at = np.asarray(np.searchsorted(arg["table"], arg["query"], "left"), np.uint32)
    return None, {"at": at}


def lcs_len(arg: Arguments) -> Outcome:
    """Keep for each length the shortest beginning of `b` that has it (Hunt and Szymanski)."""
    places: dict[int, list[int]] = {}
    for j, byte in enumerate(arg["b"].tolist()):
        places.setdefault(byte, []).insert(0, j)
    ends: list[int] = []
    for byte in arg["a"].tolist():
        for j in places.get(byte, ()):
            at = bisect_left(ends, j)
            ends[at : at + 1] = [j]
    return len(ends), {}


def knap01(arg: Arguments) -> Outcome:
    """Compare the whole row of capacities with the row shifted by the item's weight."""
    best = np.zeros(arg["capacity"] + 1, np.int64)
    for weight, value in zip(arg["weight"].tolist(), arg["value"].tolist(), strict=True):
        taken = np.full(best.size, -1, np.int64)
        taken[weight:] = best[: max(best.size - weight, 0)] + value
        best = np.maximum(best, taken)
    return int(best[-1]), {}


def bfs_levels(arg: Arguments) -> Outcome:
    """Take the neighbours of a whole level at a time."""
    first, to = arg["first"].astype(np.int64), arg["to"]
    level = np.full(arg["n"], -1, np.int32)
    front, depth = np.unique(arg["source"]), 0
    while front.size:
        level[front] = depth
        pieces = [to[first[v] : first[v + 1]] for v in front.tolist()]
        reached = np.unique(np.concatenate(pieces))
        front, depth = reached[level[reached] < 0], depth + 1
    return None, {"level": level}


def apsp_inf(arg: Arguments) -> Outcome:
    """Square the matrix in the (min, +) semiring until ways of any number of roads are in it."""
    n = arg["n"]
    road = arg["road"].reshape(n, n).astype(np.float64)
    best = np.where(road > 0, road, np.inf)
    np.fill_diagonal(best, 0.0)
    roads = 1
    while roads < n:
        best = np.array([(best + row[:, None]).min(axis=0) for row in best])
        roads *= 2
    return None, {"distance": np.where(np.isinf(best), 2**31 - 1, best).astype(np.int32).ravel()}


def bst_ops(arg: Arguments) -> Outcome:
    """Split the distinct keys by the first one, as quicksort would: that is the tree."""
    counts = Counter(arg["key"].tolist())
    order: list[int] = []
    todo = [np.array(list(counts), np.int64)]
    while todo:
        keys = todo.pop()
        if keys.size:
            order.append(int(keys[0]))
            todo += [keys[keys > keys[0]], keys[keys < keys[0]]]
    rest = [0] * (arg["n"] - len(order))
    times = [counts[key] for key in order]
    return len(order), {
        "order": np.array(order + rest, np.uint32),
        "times": np.array(times + rest, np.uint32),
    }


def union_find(arg: Arguments) -> Outcome:
    """Hand the smallest label on along all edges and to the old label's vertex until none changes."""
    a, b = arg["a"].astype(np.int64), arg["b"].astype(np.int64)
    label = np.arange(arg["n"])
    while True:
        old = label.copy()
        smaller = np.minimum(label[a], label[b])
        for ends in (a, b, old[a], old[b]):
            np.minimum.at(label, ends, smaller)
        label = label[label]
        if (label == old).all():
            return int(np.unique(label).size), {"label": label.astype(np.uint32)}


ORACLES: dict[str, Callable[[Arguments], Outcome]] = {
    f.__name__: f
    for f in (
        rec_sort,
        ins_sort,
        lower_bound_many,
        lcs_len,
        knap01,
        bfs_levels,
        apsp_inf,
        bst_ops,
        union_find,
    )
}
