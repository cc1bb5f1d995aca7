"""Instruction counts on one public input, for search: exact, and the same on every machine."""

import threading
from pathlib import Path
from typing import Generic

from coopbench.harness.cases import Batch, Cases, Failure, Inputs, Observed
from coopbench.harness.emulation.blocks import BlockCounts
from coopbench.harness.workload import derive_seed

_CALLS = 2
"""Calls of the longer of two launches: the difference is one call of a kernel."""


class PublicCounts(Generic[Inputs, Observed]):
    """Counts what executables retire for one input of the reference size, once for each.

    Args:
        cases: Inputs, bound to a launcher that emulates; None if nothing counts here.
        benchmark: Name of the benchmark, from which the input derives.
    """

    def __init__(self, cases: Cases[Inputs, Observed] | None, benchmark: str) -> None:
        self._cases = cases
        self._seed = derive_seed(b"visible", "count", benchmark)
        self._lock = threading.Lock()
        self._batch: Batch[Inputs] | None = None
        self._instructions: dict[str, float | Failure] = {}
        self._blocks: dict[str, BlockCounts | Failure] = {}

    def instructions(self, exe: Path, sha256: str) -> float | None:
        """Return instructions per call (kernel) or run (program); None if they cannot be had."""
        if self._cases is None:
            return None
        known = self._instructions.get(sha256)
        if known is None:
            known = self._cases.count(exe, self._public(self._cases))
            self._instructions[sha256] = known
        return None if isinstance(known, Failure) else known

    def blocks(self, exe: Path, sha256: str) -> BlockCounts | None:
        """Return what code one call or run executes; None if that cannot be had."""
        if self._cases is None:
            return None
        known = self._blocks.get(sha256)
        if known is None:
            known = self._cases.count_blocks(exe, self._public(self._cases))
            self._blocks[sha256] = known
            if not isinstance(known, Failure):
                self._instructions[sha256] = float(known.instructions)
        return None if isinstance(known, Failure) else known

    def _public(self, cases: Cases[Inputs, Observed]) -> Batch[Inputs]:
        with self._lock:
            if self._batch is None:
                self._batch = cases.timed("public count", self._seed, _CALLS)
            return self._batch
