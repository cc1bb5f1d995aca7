"""The arena: placement, guards, canaries and what the parent reads back."""

import itertools
import mmap
import struct

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from coopbench.harness.contract import Contract
from coopbench.harness.driver.arena import PAGE, Arena, Placement
from coopbench.harness.driver.live import LiveArena
from coopbench.harness.workload import make_input

CONTRACT = Contract.model_validate(
    {
        "function": "f",
        "returns": "i32",
        "parameters": [
            {
                "name": "y",
                "type": "f64",
                "shape": "n",
                "role": "inout",
                "distributions": [{"kind": "uniform"}],
            },
            {"name": "x", "type": "u16", "shape": "n", "distributions": [{"kind": "uniform"}]},
            {"name": "tmp", "type": "u8", "shape": "n + 3", "role": "scratch"},
            {"name": "n", "type": "size", "max": 3000},
        ],
    }
)


def make(n: int, calls: int, placement: Placement, seed: int) -> Arena:
    """Return an arena of some calls of one size."""
    inputs = [make_input(CONTRACT, {"n": n}, seed + i) for i in range(calls)]
    return Arena(CONTRACT, inputs, placement, np.random.default_rng(seed))


def slots(live: LiveArena, calls: int) -> np.ndarray:  # type: ignore[type-arg]
    """Return the call table as the driver sees it."""
    with mmap.mmap(live.fd, 0, prot=mmap.PROT_READ) as m:
        at = struct.unpack_from("<10Q", m)[6]
        return np.frombuffer(m[at : at + 8 * 5 * calls], "<u8").reshape(calls, 5).copy()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1500), st.integers(1, 4), st.sampled_from(Placement), st.integers(0, 2**32))
def test_buffers_are_aligned_apart_and_hold_their_input(
    n: int, calls: int, placement: Placement, seed: int
) -> None:
    """Every buffer is legally aligned, overlaps no other, and holds what the input says."""
    arena = make(n, calls, placement, seed)
    with LiveArena(arena) as live, mmap.mmap(live.fd, 0, prot=mmap.PROT_READ) as m:
        spans = []
        for call, row in enumerate(slots(live, calls)):
            for slot, name, item in ((0, "y", 8), (1, "x", 2), (2, "tmp", 1)):
                at, size = int(row[slot]), (n + 3 if name == "tmp" else n) * item
                assert at % item == 0
                spans.append((at, at + size))
                if name != "tmp":
                    assert m[at : at + size] == arena.inputs[call].arrays[name].tobytes()
                if placement is Placement.END:
                    assert (at + size) % PAGE == 0
                if placement is Placement.START:
                    assert at % PAGE == 0
            assert row[3] == n
        spans.sort()
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 700), st.sampled_from(Placement), st.integers(0, 2**32), st.data())
def test_any_write_outside_the_outputs_is_found(
    n: int, placement: Placement, seed: int, data: st.DataObject
) -> None:
    """Changing one byte of an input or of the space around buffers is reported; outputs are free."""
    arena = make(n, 2, placement, seed)
    with LiveArena(arena) as live, mmap.mmap(live.fd, 0) as m:
        assert live.results().damage is None
        row = slots(live, 2)[1]
        y = int(row[0])
        m[y] ^= 0xFF
        assert live.results().damage is None
        x_pages = int(row[1]) // PAGE * PAGE
        inside = data.draw(st.integers(0, 2 * n - 1))
        m[int(row[1]) + inside] ^= 0x5A
        damage = live.results().damage
        assert damage is not None
        assert f"input array 'x' was changed at byte {inside} (call 1)" in damage
        m[int(row[1]) + inside] ^= 0x5A
        if int(row[1]) > x_pages:
            m[int(row[1]) - 1] ^= 0x5A
            assert "canary overwritten 1 bytes before 'x'" in (live.results().damage or "")


def test_results_are_what_lies_in_memory() -> None:
    """Outputs, return values and progress are read from the shared memory itself."""
    arena = make(5, 3, Placement.END, 1)
    with LiveArena(arena, reps=2) as live, mmap.mmap(live.fd, 0) as m:
        head = struct.unpack_from("<10Q", m)
        assert head[4:6] == (3, 2)
        row = slots(live, 3)[1]
        m[int(row[0]) : int(row[0]) + 40] = np.arange(5.0).tobytes()
        struct.pack_into("<q", m, head[6] + 8 * 5 + 32, -7)
        struct.pack_into("<QQ", m, 56, 2, 1)
        got = live.results()
    assert len(got.outputs) == 2
    assert got.outputs[1]["y"].tolist() == [0, 1, 2, 3, 4]
    assert int.from_bytes(got.returns[1], "little", signed=True) == -7
    assert (got.progress, got.sealed) == (2, True)


def test_overlapping_arrays_share_one_region() -> None:
    """An array that may overlap another is placed inside it at the drawn distance."""
    c = Contract.model_validate(
        {
            "function": "f",
            "parameters": [
                {"name": "x", "type": "f64", "shape": "n", "distributions": [{"kind": "uniform"}]},
                {"name": "y", "type": "f64", "shape": "n", "role": "inout", "overlaps": "x",
                 "overlap_delta": [-3, 3], "distributions": [{"kind": "uniform"}]},
                {"name": "n", "type": "size", "max": 100},
            ],
        }
    )  # fmt: skip
    deltas = set()
    for seed in range(60):
        item = make_input(c, {"n": 20}, seed)
        arena = Arena(c, [item], Placement.END, np.random.default_rng(seed))
        with LiveArena(arena) as live, mmap.mmap(live.fd, 0, prot=mmap.PROT_READ) as m:
            at = struct.unpack_from("<10Q", m)[6]
            x, y = struct.unpack_from("<2Q", m, at)
            assert live.results().damage is None
        if "y" in item.overlaps:
            assert y - x == 8 * item.overlaps["y"]
            deltas.add(item.overlaps["y"])
    assert deltas == set(range(-3, 4))
