"""The evidence ladder: cheap rungs first, survivors only go up."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Generic

from coopbench.harness.cases import Batch, Cases, Failure, Inputs, Observed
from coopbench.harness.errors import InfraError, UsageError
from coopbench.harness.model import Counterexample, Evidence, Outcome, Rung, Verdict

KEPT = 12
"""Batches whose expected results are kept: all of a benchmark's, and those that trials add."""


class Reference(Generic[Inputs, Observed]):
    """The original sources at -O0 and their results, computed once per batch in use.

    Args:
        cases: The benchmark's inputs.
        exe: The reference's executable.
        name: The benchmark's name, for messages.
    """

    def __init__(self, cases: Cases[Inputs, Observed], exe: Path, name: str) -> None:
        self._cases = cases
        self._exe = exe
        self._name = name
        self._known: OrderedDict[str, Observed] = OrderedDict()
        self._lock = threading.Lock()

    def results(self, batch: Batch[Inputs]) -> Observed:
        """Return the expected results of a batch.

        Raises:
            UsageError: if the reference itself fails or contradicts itself; the benchmark is
                at fault.
        """
        with self._lock:
            if batch.label in self._known:
                self._known.move_to_end(batch.label)
                return self._known[batch.label]
        made = self._compute(batch)
        with self._lock:
            self._known[batch.label] = made
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return made

    def fresh(self, batch: Batch[Inputs]) -> Observed:
        """Return the expected results of a batch that will not come again; not kept."""
        return self._compute(batch)

    def admit(self) -> None:
        """Check that the reference gives the same results twice on the visible inputs.

        Every launch has its own canary pattern and poison in the outputs, so that memory
        which is never written, or read before it is written, shows as a difference.

        Raises:
            UsageError: naming the benchmark and what differs.
        """
        for batch in self._cases.visible():
            again = self._compute(batch)
            found = self._cases.difference(batch, self.results(batch), again)
            if found is not None:
                raise UsageError(
                    f"benchmark {self._name!r}: the reference is not deterministic: {found.where} was "
                    f"{found.expected}, then {found.got} ({found.workload}); it must write every output "
                    "and depend on nothing but its input"
                )

    def attempt(self, batch: Batch[Inputs]) -> Observed | Failure:
        """Run a batch that the reference may not be able to take; not kept."""
        return self._cases.run(self._exe, batch)

    def _compute(self, batch: Batch[Inputs]) -> Observed:
        got = self.attempt(batch)
        if isinstance(got, Failure):
            raise UsageError(
                f"benchmark {self._name!r}: the reference itself fails ({got.outcome}: {got.detail}) "
                f"on {got.workload or batch.label}; mend the benchmark or narrow its contract"
            )
        return got


class Ladder(Generic[Inputs, Observed]):
    """Verifies candidates of one benchmark on one target.

    Args:
        cases: The benchmark's inputs.
        reference: Where expected results come from.
    """

    def __init__(
        self, cases: Cases[Inputs, Observed], reference: Reference[Inputs, Observed]
    ) -> None:
        self._cases = cases
        self._reference = reference

    def check_visible(self, exe: Path, extra: tuple[Batch[Inputs], ...] = ()) -> Verdict:
        """Verify on the visible inputs only: what an entrant may do itself.

        Args:
            exe: The candidate's executable in canonical layout.
            extra: Batches that the trial has added to its visible tests; run after them.
        """
        rung = (Rung.VISIBLE, lambda: (*self._cases.visible(), *extra))
        return self._climb(exe, (), (rung,))

    def verify(self, exe: Path, before: tuple[Evidence, ...]) -> Verdict:
        """Verify on visible, hidden and edge inputs.

        Args:
            exe: The candidate's executable in canonical layout.
            before: Evidence of the rungs already passed (build and scan).
        """
        rungs = (
            (Rung.VISIBLE, self._cases.visible),
            (Rung.HIDDEN, self._cases.hidden),
            (Rung.EDGE, self._cases.edges),
        )
        return self._climb(exe, before, rungs)

    def _climb(
        self,
        exe: Path,
        before: tuple[Evidence, ...],
        rungs: tuple[tuple[Rung, Callable[[], tuple[Batch[Inputs], ...]]], ...],
    ) -> Verdict:
        evidence = list(before)
        for rung, batches in rungs:
            start = time.monotonic()
            tried = 0
            failed: Verdict | None = None
            for batch in batches():
                tried += batch.size
                failed = self._try(exe, rung, batch)
                if failed is not None:
                    break
            spent = time.monotonic() - start
            detail = failed.reason if failed else f"{tried} inputs agree with the reference"
            evidence.append(
                Evidence(
                    rung=rung, passed=failed is None, tried=tried, seconds=spent, detail=detail
                )
            )
            if failed is not None:
                return failed.model_copy(update={"evidence": tuple(evidence)})
        total = sum(e.tried for e in evidence if e.rung in (Rung.VISIBLE, Rung.HIDDEN, Rung.EDGE))
        if total == 0:
            raise InfraError("nothing was tried: a verdict needs positive evidence")
        return Verdict(outcome=None, reason=f"agrees on {total} inputs", evidence=tuple(evidence))

    def _try(self, exe: Path, rung: Rung, batch: Batch[Inputs]) -> Verdict | None:
        expected = self._reference.results(batch)
        got = self._cases.run(exe, batch)
        if isinstance(got, Failure):
            return Verdict(
                outcome=got.outcome,
                reason=got.detail,
                evidence=(),
                counterexample=Counterexample(
                    rung=rung,
                    workload=got.workload or batch.label,
                    where="-",
                    expected="a result",
                    got=got.detail,
                ),
            )
        found = self._cases.difference(batch, expected, got)
        if found is None:
            return None
        return Verdict(
            outcome=Outcome.WRONG_OUTPUT,
            reason=f"{found.where}: expected {found.expected}, got {found.got}",
            evidence=(),
            counterexample=Counterexample(
                rung=rung,
                workload=found.workload,
                where=found.where,
                expected=found.expected,
                got=found.got,
            ),
        )
