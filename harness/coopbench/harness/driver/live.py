"""Arenas in use: the memory files that parent and child share, and their reuse."""

import mmap
import os
import threading
from dataclasses import dataclass
from typing import Self

import numpy as np

from coopbench.harness.driver.arena import Arena, Results


class ArenaMemory:
    """Memory files that launches use again: fresh pages cost more than most kernels run.

    Safe for several threads; a file serves one launch at a time.
    """

    def __init__(self) -> None:
        self._free: list[_Memory] = []
        self._lock = threading.Lock()

    def take(self, size: int) -> "_Memory":
        """Return a file of exactly `size` bytes; contents are what its last user left."""
        with self._lock:
            memory = self._free.pop() if self._free else None
        if memory is not None and len(memory.mapping) == size:
            return memory
        fd = os.memfd_create("arena", os.MFD_CLOEXEC) if memory is None else memory.fd
        if memory is not None:
            memory.mapping.close()
        os.ftruncate(fd, size)
        return _Memory(fd, mmap.mmap(fd, size))

    def give(self, memory: "_Memory") -> None:
        """Take a file back; no process may use it any more."""
        with self._lock:
            self._free.append(memory)

    def close(self) -> None:
        """Release the files that are not in use."""
        with self._lock:
            for memory in self._free:
                memory.mapping.close()
                os.close(memory.fd)
            self._free.clear()


@dataclass
class _Memory:
    fd: int
    mapping: mmap.mmap
    holds: Arena | None = None
    """The arena whose contents it holds, unchanged but for the writable regions."""


class LiveArena:
    """One memory file in use by one launch; close it when the launch is over.

    Args:
        arena: What it holds.
        reps: Calls to make; default all.
        extra_work: Iterations of a serial chain that the driver adds inside the window.
        memory: Where the file comes from and goes back to; default: made and dropped.
    """

    def __init__(
        self,
        arena: Arena,
        reps: int | None = None,
        extra_work: int = 0,
        memory: ArenaMemory | None = None,
    ) -> None:
        self._arena = arena
        self._pool = memory or ArenaMemory()
        self._private = memory is None
        self.reps = len(arena.inputs) if reps is None else reps
        self._memory = self._pool.take(arena.bytes)
        self.fd = self._memory.fd
        view = np.frombuffer(self._memory.mapping, np.uint8)
        if self._memory.holds is arena:
            arena.restore(view, self.reps, extra_work)
        else:
            arena.fill(view, self.reps, extra_work)
        self._memory.holds = None

    def results(self) -> Results:
        """Return what the calls have produced so far."""
        view = np.frombuffer(self._memory.mapping, np.uint8)
        results = self._arena.read(view, self.reps)
        self._memory.holds = self._arena if results.damage is None else None
        return results

    def close(self) -> None:
        """Give the memory back."""
        self._pool.give(self._memory)
        if self._private:
            self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
