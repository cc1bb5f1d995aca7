"""Tests that a trial adds to its visible ones: proposed as data, checked, tried, and admitted.

A proposal is JSON in the contract's vocabulary; no code of its author's is ever run. It is
refused unless it is legal input (see `proposals_kernel` and `proposals_program`), new, and the
reference takes it: twice with the same results, and the same as the baseline's.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from pydantic import JsonValue

from coopbench.harness.benchmark import Benchmark
from coopbench.harness.cases import Batch, Cases, Failure, Inputs, Observed
from coopbench.harness.model import Verdict
from coopbench.harness.optimizer import Admission
from coopbench.harness.programs import ProgramInput
from coopbench.harness.proposals_kernel import kernel_bytes, kernel_digest, read_kernel
from coopbench.harness.proposals_program import program_digest, read_program
from coopbench.harness.proposals_values import UnfitError, shown
from coopbench.harness.workload import KernelInput

MOST_WORKLOADS = 24
"""Proposals that one trial may have accepted."""
MOST_BYTES = 16 << 20
"""Bytes of all accepted inputs together: they are laid out for one launch."""
MOST_SECONDS = 8.0
"""Wall seconds that the reference (-O0) may take for one; inputs of the largest preset take far
less, even emulated, so that a slow machine refuses nothing that a fast one accepts."""
MOST_SECONDS_TOGETHER = 15.0
NOTE_LENGTH = 80
LABEL = "proposed"
"""First word in the names of accepted proposals."""

_KEYS = {
    True: frozenset({"note", "purpose", "scalars", "arrays", "overlaps"}),
    False: frozenset({"note", "purpose", "args", "stdin"}),
}
"""Keys of a proposal, for kernels and for programs."""

Run = Callable[[Batch[Inputs]], Observed | Failure]


@dataclass(frozen=True)
class _Accepted:
    item: Any
    digest: str
    bytes: int
    seconds: float


class ProposedWorkloads(Generic[Inputs, Observed]):
    """The tests that one trial has added to its visible ones.

    Proposals for performance count as tests like all others. The cost of candidates stays that
    on the benchmark's own input: a trial that chose its own would choose what suits it.

    Args:
        benchmark: Whose contract rules.
        cases: How inputs become batches, and how results compare.
        reference: Runs a batch by the reference.
        baseline: Runs a batch by the baseline.
    """

    def __init__(
        self,
        benchmark: Benchmark,
        cases: Cases[Inputs, Observed],
        reference: "Run[Inputs, Observed]",
        baseline: "Run[Inputs, Observed]",
    ) -> None:
        self._benchmark = benchmark
        self._cases = cases
        self._reference = reference
        self._baseline = baseline
        self._accepted: list[_Accepted] = []
        self._visible: frozenset[str] | None = None
        self._joined: tuple[Batch[Inputs], ...] = ()
        self._killed: set[str] = set()
        self.refused = 0
        """Number of proposals that were refused."""

    @property
    def accepted(self) -> int:
        """Number of proposals that were accepted."""
        return len(self._accepted)

    @property
    def rejected(self) -> frozenset[str]:
        """Ids of the candidates that passed the visible tests and failed an accepted proposal."""
        return frozenset(self._killed)

    @property
    def batches(self) -> tuple[Batch[Inputs], ...]:
        """All accepted proposals, for `Referee.check_visible`: one batch, or none."""
        return self._joined

    def propose(self, workload: Mapping[str, JsonValue]) -> Admission:
        """Check a proposal, try it, and add it to the tests if nothing is against it.

        Args:
            workload: For a kernel `{"note": text, "purpose": "correctness" | "performance",
                "scalars": {name: number}, "arrays": {name: [values] | {"kind": a distribution's,
                …its parameters, "seed": integer}}, "overlaps": {name: distance in elements}}`;
                for a program `{"note", "purpose", "args": [text], "stdin": text | {"kind",
                "size", "seed"} | {"repeat": text, "times": integer} | a list of these}`.
                What is left out is filled in legally. Float values that JSON cannot spell are
                `"nan"`, `"inf"`, `"-inf"` and `"-0.0"`.

        Raises:
            InfraError: if the machine fails.
        """
        try:
            return self._admitted(workload)
        except UnfitError as e:
            self.refused += 1
            return Admission(accepted=False, label="", reason=_clean(str(e), 300))

    def note(self, candidate: str, verdict: Verdict) -> None:
        """Take note of what the visible tests, these included, said of a candidate.

        Args:
            candidate: Its id.
            verdict: From `Referee.check_visible` with `batches`.
        """
        if failed_proposal(verdict):
            self._killed.add(candidate)

    def _admitted(self, workload: Mapping[str, JsonValue]) -> Admission:
        if len(self._accepted) >= MOST_WORKLOADS:
            raise UnfitError(f"the trial already has {MOST_WORKLOADS} proposed tests, and no room")
        note, purpose = _header(workload, _KEYS[self._benchmark.is_kernel])
        label = f"{LABEL} {len(self._accepted) + 1}: {note}".rstrip(": ")
        item, digest, size = self._read(workload, label)
        self._check_new(digest)
        if sum(a.bytes for a in self._accepted) + size > MOST_BYTES:
            raise UnfitError(f"the proposed tests would have more than {MOST_BYTES >> 20} MiB")
        seconds = self._tried(self._cases.chosen(f"{LABEL} {digest}", (item,)))
        self._accepted.append(_Accepted(item, digest, size, seconds))
        self._join()
        return Admission(accepted=True, label=label, reason=f"a {purpose} test: {item.label}")

    def _read(self, workload: Mapping[str, JsonValue], label: str) -> tuple[Any, str, int]:
        """Return the input, its content hash and its bytes."""
        if self._benchmark.is_kernel:
            call: KernelInput = read_kernel(self._benchmark, workload, label)
            return call, kernel_digest(call), kernel_bytes(self._benchmark.contract, call.lengths)
        run: ProgramInput = read_program(self._benchmark, workload, label)
        return run, program_digest(run), len(run.stdin)

    def _check_new(self, digest: str) -> None:
        if self._visible is None:
            hashed = kernel_digest if self._benchmark.is_kernel else program_digest
            found = [i for b in self._cases.visible() for i in self._cases.each(b)]
            self._visible = frozenset(hashed(i) for i in found)
        if digest in self._visible:
            raise UnfitError("a duplicate: the visible tests have this input")
        for number, known in enumerate(self._accepted, 1):
            if known.digest == digest:
                raise UnfitError(f"a duplicate of {LABEL} {number}")

    def _tried(self, batch: Batch[Inputs]) -> float:
        """Let reference and baseline take the input; return the reference's seconds."""
        first = self._reference(batch)
        if isinstance(first, Failure):
            raise UnfitError(f"the reference fails on it: {first.detail}")
        start = time.monotonic()
        again = self._reference(batch)
        seconds = time.monotonic() - start
        if isinstance(again, Failure):
            raise UnfitError(f"the reference fails on it the second time: {again.detail}")
        found = self._cases.difference(batch, first, again)
        if found is not None:
            raise UnfitError(f"the reference is not deterministic on it: {found.where}")
        if seconds > MOST_SECONDS:
            raise UnfitError(f"the reference takes more than {MOST_SECONDS:g} s for it")
        if seconds + sum(a.seconds for a in self._accepted) > MOST_SECONDS_TOGETHER:
            raise UnfitError(f"the proposed tests would take over {MOST_SECONDS_TOGETHER:g} s")
        optimized = self._baseline(batch)
        fault = "no candidate's fault, so it is no test"
        if isinstance(optimized, Failure):
            raise UnfitError(f"the baseline (clang -O3) fails on it ({optimized.detail}): {fault}")
        found = self._cases.difference(batch, first, optimized)
        if found is not None:
            raise UnfitError(
                f"the baseline (clang -O3) differs from the reference in {found.where}: {fault}"
            )
        return seconds

    def _join(self) -> None:
        digests = "".join(a.digest for a in self._accepted)
        name = hashlib.sha256(digests.encode()).hexdigest()[:16]
        items = [a.item for a in self._accepted]
        self._joined = (self._cases.chosen(f"{LABEL} {len(items)} {name}", items),)


def failed_proposal(verdict: Verdict) -> bool:
    """Whether it was a proposed test on which a candidate failed."""
    found = verdict.counterexample
    return found is not None and found.workload.startswith(f"{LABEL} ")


def _header(workload: Mapping[str, JsonValue], known: frozenset[str]) -> tuple[str, str]:
    """Return note and purpose."""
    if not isinstance(workload, Mapping):
        raise UnfitError(f"a workload is an object, not {shown(workload)}")
    for key in workload:
        if key not in known:
            raise UnfitError(f"unknown key {shown(key)}; known are {', '.join(sorted(known))}")
    note, purpose = workload.get("note", ""), workload.get("purpose", "correctness")
    if not isinstance(note, str):
        raise UnfitError(f'"note" must be text, not {shown(note)}')
    if not isinstance(purpose, str) or purpose not in {"correctness", "performance"}:
        raise UnfitError('"purpose" must be "correctness" or "performance"')
    return _clean(note, NOTE_LENGTH), purpose


def _clean(text: str, length: int) -> str:
    """Return foreign text as one printable line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
