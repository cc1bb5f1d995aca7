"""The arena: shared memory in which the parent lays out the arguments of every call.

The parent (trusted) decides where each buffer lies, fills canaries and poison around it,
and afterwards reads the outputs itself; the child only maps the memory. Each array has a
region of whole pages with an unmapped guard page on either side.
"""

import mmap
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopbench.harness.contract import Contract, Parameter, Role
from coopbench.harness.driver.render import MAGIC
from coopbench.harness.workload import KernelInput

PAGE = mmap.PAGESIZE
_HEADER = struct.Struct("<10Q")
_REGION = struct.Struct("<3Q")
_PROGRESS_AT = 7 * 8
_SEALED_AT = 8 * 8
_REPS_AT = 5 * 8
_EXTRA_AT = 9 * 8

Bytes = NDArray[np.uint8]


class Placement(Enum):
    """Where a buffer lies in its region."""

    END = "end"
    """Its last byte touches the guard page behind it."""
    START = "start"
    """Its first byte follows the guard page before it."""
    RANDOM = "random"
    """At a random legal alignment, with canaries on both sides."""


@dataclass(frozen=True)
class _Buffer:
    """One array of one call: which region, where in the arena, how many bytes."""

    call: int
    parameter: Parameter
    region: int
    at: int
    bytes: int


@dataclass(frozen=True)
class _Region:
    at: int
    bytes: int
    writable: bool


@dataclass(frozen=True)
class Results:
    """What the calls produced, read by the parent."""

    outputs: tuple[dict[str, NDArray[Any]], ...]
    """Per call, the contents of every out and inout array after it."""
    returns: tuple[bytes, ...]
    """Per call, the 8 bytes of the return slot."""
    progress: int
    sealed: bool
    """Whether the driver's system-call filter was in force."""
    damage: str | None
    """What was written outside the outputs, if anything."""


class Arena:
    """Layout and initial contents for a sequence of calls; can be run many times.

    Args:
        contract: The kernel's contract.
        inputs: One input per call, in order.
        placement: Where buffers lie in their regions.
        rng: Draws placements and the canary pattern.
    """

    def __init__(
        self,
        contract: Contract,
        inputs: Sequence[KernelInput],
        placement: Placement,
        rng: np.random.Generator,
    ) -> None:
        self._contract = contract
        self._arrays = contract.arrays
        self.inputs = tuple(inputs)
        self._slots_per_call = len(contract.parameters) + 1
        self._salt = np.frombuffer(rng.bytes(PAGE), np.uint8)
        self._regions: list[_Region] = []
        self._buffers: list[_Buffer] = []
        arrays = len(self._arrays) * len(self.inputs)
        self._calls_at = _HEADER.size + _REGION.size * arrays
        self._head_bytes = _pages(self._calls_at + 8 * self._slots_per_call * len(self.inputs))
        self.bytes = self._head_bytes + PAGE
        slots = np.zeros((max(1, len(self.inputs)), self._slots_per_call), "<u8")
        for call, item in enumerate(self.inputs):
            self._place_call(call, item, placement, rng, slots[call])
        self._image = np.zeros(self.bytes, np.uint8)
        self._write_head(slots)
        filled = {b.region: b for b in self._buffers if b.parameter.is_input}
        for index, region in enumerate(self._regions):
            self._fill_canary(region, filled.get(index))
        for buffer in self._buffers:
            if buffer.parameter.is_input:
                raw = np.ascontiguousarray(self.inputs[buffer.call].arrays[buffer.parameter.name])
                self._image[buffer.at : buffer.at + buffer.bytes] = raw.view(np.uint8)

    def _place_call(
        self,
        call: int,
        item: KernelInput,
        placement: Placement,
        rng: np.random.Generator,
        slots: Bytes,
    ) -> None:
        placed: dict[str, _Buffer] = {}
        for index, p in enumerate(self._contract.parameters):
            if not p.is_array:
                slots[index] = _scalar_bits(p, item.scalars[p.name])
                continue
            if p.name in item.overlaps and p.overlaps is not None:
                buffer = self._inside(call, p, item, placed[p.overlaps])
            else:
                buffer = self._own_region(call, p, item, placement, rng)
            placed[p.name] = buffer
            self._buffers.append(buffer)
            slots[index] = buffer.at

    def _fill_canary(self, region: _Region, inside: _Buffer | None) -> None:
        """Write the canary pattern to a region, except under a large input that replaces it."""
        pages = self._image[region.at : region.at + region.bytes].reshape(-1, PAGE)
        if inside is None:
            pages[:] = self._salt
            return
        first = -(-(inside.at - region.at) // PAGE)
        last = (inside.at + inside.bytes - region.at) // PAGE
        pages[:first] = self._salt
        pages[max(first, last) :] = self._salt

    def _own_region(
        self,
        call: int,
        p: Parameter,
        item: KernelInput,
        placement: Placement,
        rng: np.random.Generator,
    ) -> _Buffer:
        size = item.lengths[p.name] * p.type.dtype.itemsize
        align = p.align or p.type.dtype.itemsize
        margin = -(-_margin(self._arrays, p, item) // align) * align if item.overlaps else 0
        slack = PAGE if placement is Placement.RANDOM else 0
        room = _pages(max(size + 2 * margin + slack, 1))
        start = self.bytes
        free = room - size - margin
        if placement is Placement.START:
            offset = margin
        elif placement is Placement.END:
            offset = free
        else:
            offset = int(rng.integers(margin, free, endpoint=True))
        at = start + offset // align * align
        writable = p.role is not Role.IN or any(
            q.overlaps == p.name and q.is_output for q in self._arrays
        )
        self._regions.append(_Region(start, room, writable))
        self.bytes = start + room + PAGE
        return _Buffer(call, p, len(self._regions) - 1, at, size)

    def _inside(self, call: int, p: Parameter, item: KernelInput, other: _Buffer) -> _Buffer:
        size = item.lengths[p.name] * p.type.dtype.itemsize
        return _Buffer(
            call, p, other.region, other.at + item.overlaps[p.name] * p.type.dtype.itemsize, size
        )

    def _write_head(self, slots: NDArray[Any]) -> None:
        head = _HEADER.pack(
            MAGIC,
            self.bytes,
            self._head_bytes,
            len(self._regions),
            len(self.inputs),
            len(self.inputs),
            self._calls_at,
            0,
            0,
            0,
        )
        table = b"".join(_REGION.pack(r.at, r.bytes, int(r.writable)) for r in self._regions)
        raw = np.frombuffer(head + table, np.uint8)
        self._image[: raw.size] = raw
        end = self._calls_at + slots.nbytes
        self._image[self._calls_at : end] = slots.reshape(-1).view(np.uint8)

    def fill(self, view: Bytes, reps: int, extra_work: int) -> None:
        """Write the initial contents to a memory file that may have served another arena.

        Args:
            view: The file's bytes.
            reps: Calls to make.
            extra_work: Iterations of a serial chain that the driver adds inside the window.
        """
        view[: self._head_bytes] = self._image[: self._head_bytes]
        view[self._head_bytes : self._head_bytes + PAGE] = 0
        for r in self._regions:
            end = r.at + r.bytes
            view[r.at : end] = self._image[r.at : end]
            view[end : end + PAGE] = 0
        self._set(view, reps, extra_work)

    @staticmethod
    def _set(view: Bytes, reps: int, extra_work: int) -> None:
        view[_REPS_AT : _REPS_AT + 8] = np.frombuffer(struct.pack("<Q", reps), np.uint8)
        view[_EXTRA_AT : _EXTRA_AT + 8] = np.frombuffer(struct.pack("<Q", extra_work), np.uint8)

    def restore(self, view: Bytes, reps: int, extra_work: int) -> None:
        """Write the initial contents again after a launch that damaged nothing else."""
        view[: self._head_bytes] = self._image[: self._head_bytes]
        for r in self._regions:
            if r.writable:
                view[r.at : r.at + r.bytes] = self._image[r.at : r.at + r.bytes]
        self._set(view, reps, extra_work)

    def read(self, view: Bytes, reps: int) -> Results:
        """Return what the first `reps` calls have written to a memory file."""
        progress, sealed = (int(v) for v in view[_PROGRESS_AT : _SEALED_AT + 8].view("<u8"))
        count = self._slots_per_call
        slots = (
            view[self._calls_at : self._calls_at + 8 * count * len(self.inputs)].copy().view("<u8")
        )
        table = slots.reshape(len(self.inputs), count)
        outputs: tuple[dict[str, NDArray[Any]], ...] = tuple({} for _ in range(reps))
        for b in self._buffers:
            if b.call < reps and b.parameter.is_output:
                raw = view[b.at : b.at + b.bytes].copy()
                outputs[b.call][b.parameter.name] = raw.view(b.parameter.type.dtype)
        returns = tuple(row[-1].tobytes() for row in table[:reps])
        return Results(outputs, returns, progress, bool(sealed), self._damage(view))

    def _damage(self, view: Bytes) -> str | None:
        """Compare every byte that is no output with what was written there."""
        holes: list[list[tuple[int, int]]] = [[] for _ in self._regions]
        for b in self._buffers:
            if b.parameter.role is not Role.IN:
                holes[b.region].append((b.at, b.at + b.bytes))
        for index, region in enumerate(self._regions):
            at = region.at
            tail = region.at + region.bytes
            if not holes[index]:  # a read-only region: compare words, which is quicker
                span = slice(region.at, tail)
                if not np.array_equal(view[span].view("<u8"), self._image[span].view("<u8")):
                    return self._describe(index, at, view)
                continue
            for start, end in [*sorted(holes[index]), (tail, tail)]:
                if start > at and not np.array_equal(view[at:start], self._image[at:start]):
                    return self._describe(index, at, view)
                at = max(at, end)
        return None

    def _describe(self, index: int, at: int, view: Bytes) -> str:
        region = self._regions[index]
        span = slice(at, region.at + region.bytes)
        where = at + int(np.argmax(view[span] != self._image[span]))
        owner = next(b for b in self._buffers if b.region == index)
        name, call = owner.parameter.name, owner.call
        if owner.at <= where < owner.at + owner.bytes:
            return f"input array {name!r} was changed at byte {where - owner.at} (call {call})"
        side = (
            f"{owner.at - where} bytes before"
            if where < owner.at
            else f"{where - owner.at - owner.bytes} bytes behind the end of"
        )
        return f"canary overwritten {side} {name!r} (call {call})"


def _pages(size: int) -> int:
    return -(-size // PAGE) * PAGE


def _margin(arrays: Sequence[Parameter], p: Parameter, item: KernelInput) -> int:
    """Bytes that overlapping arrays may need on either side of `p`."""
    need = 0
    for q in arrays:
        if q.overlaps == p.name and q.name in item.overlaps:
            delta = item.overlaps[q.name]
            longer = max(0, item.lengths[q.name] - item.lengths[p.name])
            need = max(need, (abs(delta) + longer) * q.type.dtype.itemsize)
    return need


def _scalar_bits(p: Parameter, value: float) -> int:
    raw = np.array(value, p.type.dtype).tobytes()
    return int.from_bytes(raw.ljust(8, b"\0"), "little")
