"""The table in which the plugin counts how often each stretch of guest code was executed."""

import fcntl
import mmap
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

_SLOTS = 1 << 16  # struct blocks in plugin.c
_RECORD = 3 * 8
_BYTES = (_SLOTS + 1) * _RECORD


@dataclass(frozen=True, order=True)
class Stretch:
    """Consecutive instructions of a guest, as QEMU translates them."""

    address: int
    """Of the first instruction, in the guest's address space."""
    length: int
    """Number of instructions."""


@dataclass(frozen=True)
class BlockCounts:
    """Where a guest retired its instructions."""

    executions: Mapping[Stretch, int]
    """Only of what was executed. Stretches may overlap: code that is entered in its middle
    belongs to several of them."""
    rest: int = 0
    """Retired instructions of code that found no room in the table; 0 but for huge programs."""

    @property
    def instructions(self) -> int:
        """All retired instructions; the same number that counting alone gives."""
        return self.rest + sum(s.length * n for s, n in self.executions.items())

    def minus(self, other: "BlockCounts") -> "BlockCounts":
        """Return what this run did more than another one that did a part of the same work."""
        left = {s: n - other.executions.get(s, 0) for s, n in self.executions.items()}
        return BlockCounts({s: n for s, n in left.items() if n}, self.rest - other.rest)


class BlockTable:
    """One launch's table; `fd` is to be given to the emulator.

    The file cannot be resized, so reading never fails however the subject behaves.
    """

    def __init__(self) -> None:
        self.fd = os.memfd_create("blocks", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, _BYTES)
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
        fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, seals)
        self._pages = mmap.mmap(self.fd, _BYTES)

    def counts(self) -> BlockCounts:
        """Return what was counted so far."""
        words = np.frombuffer(self._pages[:], "<u8").reshape(-1, 3)
        used = words[1:][words[1:, 2] > 0]
        return BlockCounts(dict(_executions(used.tolist())), int(words[0, 0]))

    def close(self) -> None:
        """Release the table."""
        self._pages.close()
        os.close(self.fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _executions(rows: Iterable[tuple[int, int, int]]) -> Iterable[tuple[Stretch, int]]:
    return ((Stretch(address, length), n) for address, length, n in sorted(rows))
