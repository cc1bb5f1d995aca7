"""What the workbench's tools do for one benchmark on one target; unmetered."""

from contextlib import AbstractContextManager
from typing import Any, Protocol

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Rung
from coopbench.harness.optimizer import BuildFailed, HotBlock
from coopbench.harness.referee import Examined, Referee
from coopbench.harness.toolchain.remarks import Remark
from coopbench.harness.toolchain.step import BuildFailure
from coopbench.harness.toolchain.throughput import Throughput
from coopbench.harness.tools.hotness import hot_blocks, hottest_function
from coopbench.harness.tools.inspection import modelled, remarks
from coopbench.harness.tools.lowering import Lowered, lower
from coopbench.harness.tools.machine_code import OwnCode, own_code


class Stopwatch(Protocol):
    """Tells time in compilers from time in subjects."""

    def compiling(self) -> AbstractContextManager[None]:
        """Count what happens meanwhile as compilers' time."""

    def running(self) -> AbstractContextManager[None]:
        """Count what happens meanwhile as subjects' time."""


class Toolbox:
    """The tools; each tells the stopwatch what its time goes to.

    Args:
        referee: Of the benchmark and target.
    """

    def __init__(self, referee: Referee[Any, Any]) -> None:
        self._referee = referee

    def build(self, watch: Stopwatch, candidate: Candidate) -> Examined | BuildFailed:
        """Build and scan a candidate."""
        with watch.compiling():
            made = self._referee.build(candidate)
        return refused(made) or made

    def lower(
        self, watch: Stopwatch, candidate: Candidate, to: Level, passes: str | None
    ) -> Lowered | BuildFailed:
        """Return a candidate as text of a lower level (see `tools.lowering`)."""
        with watch.compiling():
            made = lower(self._referee.executables, candidate, to, passes)
        return failed(made) if isinstance(made, BuildFailure) else made

    def remarks(self, watch: Stopwatch, candidate: Candidate) -> tuple[Remark, ...] | BuildFailed:
        """Return what the compiler's passes did and could not do."""
        with watch.compiling():
            made = remarks(self._referee.executables.parts, candidate)
        return failed(made) if isinstance(made, BuildFailure) else made

    def throughput(
        self, watch: Stopwatch, candidate: Candidate
    ) -> tuple[Throughput, ...] | BuildFailed:
        """Return the model of the kernel, or of the function in which a program spends most.

        Where nothing counts a program's instructions, it is the model of `main`.
        """
        parts = self._referee.executables.parts
        function = parts.entry
        if not parts.benchmark.is_kernel:
            blocks = self.hot_blocks(watch, candidate)
            if isinstance(blocks, BuildFailed):
                return blocks
            function = hottest_function(blocks or ()) or function
        with watch.compiling():
            made = modelled(parts, candidate, function)
        return failed(made) if isinstance(made, BuildFailure) else made

    def disassembly(self, watch: Stopwatch, candidate: Candidate) -> str | BuildFailed:
        """Return the candidate's functions as they lie in its executable."""
        made = self.build(watch, candidate)
        if isinstance(made, BuildFailed):
            return made
        code = self._code(watch, made)
        return code if isinstance(code, BuildFailed) else code.text

    def hot_blocks(
        self, watch: Stopwatch, candidate: Candidate
    ) -> tuple[HotBlock, ...] | BuildFailed | None:
        """Return where a public input spends its instructions; None if that cannot be had."""
        made = self.build(watch, candidate)
        if isinstance(made, BuildFailed) or made.exe is None:
            return made if isinstance(made, BuildFailed) else None
        with watch.running():
            counts = self._referee.public_counts.blocks(made.exe, made.exe_sha256 or "")
        if counts is None:
            return None
        code = self._code(watch, made)
        return code if isinstance(code, BuildFailed) else hot_blocks(counts, code)

    def instructions(self, watch: Stopwatch, candidate: Candidate) -> float | BuildFailed | None:
        """Return instructions per call on a public input; None if they cannot be had."""
        made = self.build(watch, candidate)
        if isinstance(made, BuildFailed) or made.exe is None:
            return made if isinstance(made, BuildFailed) else None
        with watch.running():
            return self._referee.public_counts.instructions(made.exe, made.exe_sha256 or "")

    def cost(
        self, watch: Stopwatch, candidate: Candidate, launches: int
    ) -> float | BuildFailed | None:
        """Return a quick estimate of the cost; None if the candidate does not run."""
        made = self.build(watch, candidate)
        if isinstance(made, BuildFailed):
            return made
        with watch.running():
            return self._referee.quick_cost(candidate, launches)

    def _code(self, watch: Stopwatch, made: Examined) -> OwnCode | BuildFailed:
        with watch.compiling():
            code = own_code(self._referee.executables.parts, made.objects)
        return failed(code) if isinstance(code, BuildFailure) else code


def failed(failure: BuildFailure) -> BuildFailed:
    """Return a constituent's failure as entrants see it."""
    return BuildFailed(failure.stage, failure.diagnostics)


def refused(made: Examined) -> BuildFailed | None:
    """Return why a candidate is not to be run; None if it is."""
    if made.failure is not None:
        return failed(made.failure)
    if made.verdict.outcome is not None:
        return BuildFailed(Rung.SCAN.value, made.verdict.reason)
    return None
