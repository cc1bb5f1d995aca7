"""Calls builds of a starter kernel on legal inputs and compares them with the oracle.

Usage: suite_call.py FOLDER LIBRARY... [--heap]. Each library is tried in a forked process, since
wrong variants crash. The inputs are made as the referee makes them: hidden, edge, and all preset
sizes. Arrays lie between inaccessible pages, inputs are read-only and outputs hold rubbish; with
`--heap` they come from malloc instead, so that a preloaded sanitizer can watch them.

Prints a JSON object: `agrees`, the first difference or the crash by library.
"""

import ctypes
import json
import mmap
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from suite_oracles import ORACLES

from coopbench.harness.benchmark import Benchmark, load_benchmark
from coopbench.harness.contract import Contract, Parameter, Role, ScalarType
from coopbench.harness.verify.compare import differs
from coopbench.harness.verify.edges import edge_inputs
from coopbench.harness.workload import KernelInput, derive_seed, make_input

SECRET = b"tests of the starter suite"
HIDDEN = 72
PAGE = mmap.PAGESIZE
RUBBISH = 0xA5

Array = NDArray[Any]


class GuardedBuffer:
    """An array that ends at an inaccessible page, with marked bytes and a page before it."""

    _libc = ctypes.CDLL(None, use_errno=True)

    def __init__(self, content: Array, *, writable: bool) -> None:
        room = -(-content.nbytes // PAGE) * PAGE
        self._map = mmap.mmap(-1, room + 2 * PAGE)
        base = ctypes.addressof(ctypes.c_char.from_buffer(self._map))
        self._before = np.frombuffer(self._map, np.uint8, room - content.nbytes, PAGE)
        self._before[:] = RUBBISH
        self.address = base + PAGE + self._before.size
        self.array = np.frombuffer(self._map, content.dtype, content.size, PAGE + self._before.size)
        self.array[:] = content
        self._protect(base, PAGE, 0)
        self._protect(base + PAGE + room, PAGE, 0)
        if not writable and room:
            self._protect(base + PAGE, room, mmap.PROT_READ)

    def intact(self) -> bool:
        """Whether the bytes before the array are as they were."""
        return bool((self._before == RUBBISH).all())

    def _protect(self, address: int, size: int, how: int) -> None:
        if self._libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(size), how) != 0:
            raise OSError(ctypes.get_errno(), "mprotect failed")


class HeapBuffer:
    """An array of exactly its size from malloc."""

    _libc = ctypes.CDLL(None)
    _libc.malloc.restype = ctypes.c_void_p

    def __init__(self, content: Array, *, writable: bool) -> None:
        self.address: int = self._libc.malloc(ctypes.c_size_t(content.nbytes))
        raw = (ctypes.c_uint8 * content.nbytes).from_address(self.address)
        self.array = np.frombuffer(memoryview(raw), content.dtype)
        self.array[:] = content

    def __del__(self) -> None:
        self._libc.free(ctypes.c_void_p(self.address))

    def intact(self) -> bool:
        """True: the sanitizer watches instead."""
        return True


Buffer = GuardedBuffer | HeapBuffer
Allocator = Callable[..., Buffer]


def inputs(benchmark: Benchmark) -> Iterator[KernelInput]:
    """Yield the inputs that the referee would try, and one of each distribution in `ref` size."""
    contract, manifest = benchmark.contract, benchmark.manifest
    variants = max((len(p.distributions) for p in contract.arrays), default=1)
    for i in range(HIDDEN):
        seed = derive_seed(SECRET, benchmark.name, i)
        rng = np.random.default_rng(seed)
        given = {
            n: int(rng.integers(low, high, endpoint=True))
            for n, (low, high) in manifest.hidden.items()
        }
        yield make_input(contract, given, seed, variant=i, label="hidden")
    yield from edge_inputs(benchmark, SECRET)
    for preset, sizes in manifest.sizes.items():
        for i in range(variants):
            yield make_input(contract, sizes, i, variant=i, label=preset)
    yield from EXTRA.get(benchmark.name, tuple)()


def _utf8_edges() -> Iterator[KernelInput]:
    """Yield texts with the borders of well-formed UTF-8 at the beginning, inside, and at the end."""
    borders = (
        "C2 80", "DF BF", "E0 A0 80", "ED 9F BF", "EE 80 80", "EF BF BF", "F0 90 80 80", "F4 8F BF BF",
        "80", "BF", "C0 80", "C1 BF", "E0 9F BF", "ED A0 80", "ED BF BF", "F0 8F BF BF", "F4 90 80 80",
        "F5 80 80 80", "FF", "C2", "C2 41", "E1 80", "E1 80 41", "E1 41", "F1 80 80", "F1 80 80 41",
    )  # fmt: skip
    for border in borders:
        for before, after in (
            (b"", b""),
            (b"plain ascii text, ", b" and more"),
            ("ä€".encode(), b""),
        ):
            text = np.frombuffer(before + bytes.fromhex(border) + after, np.uint8)
            length = {"text": text.size}
            yield KernelInput(f"border {border}", {"n": text.size}, length, {"text": text})


def _negative_zeros() -> Iterator[KernelInput]:
    """Yield a filter's input whose every product is -0.0: the sum from zero on is +0.0."""
    n, count = 4, 3
    lengths = {"in": n + count - 1, "taps": count, "out": n}
    arrays = {"in": np.full(lengths["in"], -0.0), "taps": np.full(count, 0.01)}
    yield KernelInput("negative zeros", {"n": n, "count": count}, lengths, arrays)


EXTRA: dict[str, Callable[[], Iterable[KernelInput]]] = {
    "utf8_check": _utf8_edges,
    "fir_alias": _negative_zeros,
}
"""Further legal inputs by kernel, where random ones would rarely meet what matters."""


def call(
    function: Any, contract: Contract, item: KernelInput, allocate: Allocator
) -> tuple[int | None, dict[str, Array], bool]:
    """Make one call; return its value, its output arrays, and whether their surroundings held."""
    places: dict[str, _Place] = {}
    for p in contract.arrays:
        if p.name not in places:
            places |= _place(contract, p, item, allocate)
    value = function(
        *(
            ctypes.c_void_p(places[p.name].address)
            if p.is_array
            else _c_type(p.type)(item.scalars[p.name])
            for p in contract.parameters
        )
    )
    outputs = {p.name: places[p.name].content() for p in contract.arrays if p.is_output}
    return value, outputs, all(place.buffer.intact() for place in places.values())


@dataclass(frozen=True)
class _Place:
    """Where an array lies: some elements of a buffer."""

    buffer: Buffer
    start: int
    stop: int

    @property
    def address(self) -> int:
        return self.buffer.address + self.start * self.buffer.array.itemsize

    def content(self) -> Array:
        return self.buffer.array[self.start : self.stop].copy()


def _place(
    contract: Contract, p: Parameter, item: KernelInput, allocate: Allocator
) -> dict[str, _Place]:
    """Put an array, and arrays that overlap it, into one new buffer."""
    spans = {p.name: (0, item.lengths[p.name])}
    for q in contract.arrays:
        if q.overlaps == p.name and q.name in item.overlaps:
            start = item.overlaps[q.name]
            spans[q.name] = (start, start + item.lengths[q.name])
    low = min(start for start, _ in spans.values())
    high = max(stop for _, stop in spans.values())
    content = np.full((high - low) * p.type.dtype.itemsize, RUBBISH, np.uint8).view(p.type.dtype)
    if p.is_input:
        content[-low : item.lengths[p.name] - low] = item.arrays[p.name]
    buffer = allocate(content, writable=p.role is not Role.IN or len(spans) > 1)
    return {name: _Place(buffer, start - low, stop - low) for name, (start, stop) in spans.items()}


def _c_type(kind: ScalarType) -> Any:
    named = {"size": ctypes.c_size_t, "f32": ctypes.c_float, "f64": ctypes.c_double}
    if kind.value in named:
        return named[kind.value]
    sign = "u" if kind.value[0] == "u" else ""
    return getattr(ctypes, f"c_{sign}int{kind.value[1:]}")


@dataclass(frozen=True)
class _Case:
    item: KernelInput
    value: int | None
    outputs: dict[str, Array]


def cases(benchmark: Benchmark) -> list[_Case]:
    """Return the inputs with what the oracle makes of them."""
    outputs = {p.name for p in benchmark.contract.arrays if p.is_output}
    found = []
    for item in inputs(benchmark):
        overlaps = {f"overlap {name}": delta for name, delta in item.overlaps.items()}
        with np.errstate(all="ignore"):
            value, want = ORACLES[benchmark.name]({**item.scalars, **item.arrays, **overlaps})
        if set(want) != outputs:
            raise ValueError(f"the oracle gives {set(want)}, the contract {outputs}")
        found.append(_Case(item, value, want))
    return found


def first_difference(
    contract: Contract, library: str, todo: list[_Case], allocate: Allocator
) -> str | None:
    """Return what differs first between a build and the oracle, or None."""
    function = getattr(ctypes.CDLL(library), contract.function)
    function.restype = _c_type(contract.returns) if contract.returns else None
    for case in todo:
        value, outputs, intact = call(function, contract, case.item, allocate)
        if value != case.value:
            return f"{case.item.label}: returned {value}, not {case.value}"
        if not intact:
            return f"{case.item.label}: wrote before an array"
        for name, got in outputs.items():
            want = case.outputs[name]
            bad = differs(want, got, contract.float_policy)
            if bad.any():
                at = int(np.argmax(bad))
                return f"{case.item.label}: {name}[{at}] is {got[at]!r}, not {want[at]!r}"
    return None


def in_child(check: Callable[[], str | None]) -> str:
    """Run a check in a forked process; return its answer, `agrees`, or how it ended."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # an exception ends the child with a traceback and status 1
        os.write(writer, (check() or "agrees").encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        answer = stream.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return answer or f"ended with {code}"


def main() -> int:
    """Print a line of JSON: the verdict on each library."""
    folder, *words = sys.argv[1:]
    allocate: Allocator = HeapBuffer if "--heap" in words else GuardedBuffer
    benchmark = load_benchmark(Path(folder))
    todo = cases(benchmark)
    verdicts = {
        library: in_child(partial(first_difference, benchmark.contract, library, todo, allocate))
        for library in words
        if library != "--heap"
    }
    sys.stdout.write(json.dumps(verdicts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
