"""Inputs of a program that comes with its own: stored runs in place of generated ones.

They are public, and there are no others: a program whose input is fixed can be answered by
printing its known output. That is a limit of such suites, not of the referee.

A suite of small programs that read standard input is *replayed*: one process takes many inputs,
one after the other, each from a memory image as fresh as at the start (`driver/replay.c`), so
that a launch is long enough to be timed and starting the process does not swamp the work.
"""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from coopbench.harness.benchmark import Benchmark
from coopbench.harness.cases import Batch, Conditions, Failure
from coopbench.harness.emulation.blocks import BlockCounts
from coopbench.harness.launch import Launcher, ProgramRun
from coopbench.harness.model import Launch, Outcome
from coopbench.harness.program_cases import ProgramCases, Runs
from coopbench.harness.program_input import ProgramInput
from coopbench.harness.program_output import Output, contradiction
from coopbench.harness.visible import visible_runs

PACK = 64
"""Most inputs that one process is given."""
_INPUTS = "/inputs"
_END = re.compile(rb"\n\x1ecoopbench (\d+) (-?\d+)\n")


class StoredCases(ProgramCases):
    """Batches of stored runs; made like `ProgramCases`, for a program that has stored runs."""

    def __init__(self, benchmark: Benchmark, launcher: Launcher, secret: bytes) -> None:
        super().__init__(benchmark, launcher, secret)
        if benchmark.foreign is None or not benchmark.foreign.runs:
            raise AssertionError(f"{benchmark.name} has no stored runs")
        self._runs = benchmark.foreign.runs

    def hidden(self) -> tuple[Batch[Runs], ...]:
        """Return the stored runs that are not among the visible ones; all, if none is left."""
        seen = {run.label for run in visible_runs(self._benchmark)}
        every = {
            run.label: run for preset in ("test", "small", "ref") for run in self._runs[preset]
        }
        rest = tuple(run for label, run in every.items() if label not in seen)
        chosen = rest or tuple(every.values())
        return (Batch("stored", chosen, len(chosen)),)

    def edges(self) -> tuple[Batch[Runs], ...]:
        """Return nothing: which other inputs are legal is not known."""
        return ()

    def timed(self, label: str, seed: int, reps: int) -> Batch[Runs]:
        """Return one stored run of the reference size, drawn by the seed."""
        runs = self._runs["ref"]
        return Batch(label, (runs[seed % len(runs)],), reps)


class ReplayCases(StoredCases):
    """Stored inputs of a program that one process replays; at most `PACK` in a launch."""

    def __init__(self, benchmark: Benchmark, launcher: Launcher, secret: bytes) -> None:
        super().__init__(benchmark, launcher, secret)
        self._folder = tempfile.TemporaryDirectory(prefix="coopbench-inputs-")
        self._packs: dict[tuple[str, ...], Path] = {}

    def timed(self, label: str, seed: int, reps: int) -> Batch[Runs]:
        """Return `PACK` stored runs of the reference size from a drawn one on; few come again."""
        runs = self._runs["ref"]
        start = seed % len(runs)
        return Batch(label, tuple(runs[(start + i) % len(runs)] for i in range(PACK)), reps)

    def run(self, exe: Path, batch: Batch[Runs]) -> tuple[Output, ...] | Failure:
        """Run the inputs, `PACK` to a process."""
        outputs: list[Output] = []
        for start in range(0, len(batch.inputs), PACK):
            items = batch.inputs[start : start + PACK]
            got = self._launcher.program(exe, self._pack(items))
            made = got if isinstance(got, Failure) else self._split(items, got)
            if isinstance(made, Failure):
                return made
            outputs += made
        return tuple(outputs)

    def time(
        self, exe: Path, batch: Batch[Runs], conditions: Conditions
    ) -> tuple[tuple[Output, ...], Launch] | Failure:
        """Make one timed launch that takes all inputs of the batch."""
        got = self._launcher.program(
            exe,
            self._pack(batch.inputs),
            env_bytes=conditions.env_bytes,
            extra_work=conditions.extra_work,
        )
        if isinstance(got, Failure):
            return got
        made = self._split(batch.inputs, got)
        return made if isinstance(made, Failure) else (made, got.launch)

    def count(self, exe: Path, batch: Batch[Runs]) -> float | Failure:
        """Return the instructions of the launch that takes all inputs of the batch."""
        return super().count(exe, self._packed(batch))

    def count_blocks(self, exe: Path, batch: Batch[Runs]) -> BlockCounts | Failure:
        """Return what code that launch executed."""
        return super().count_blocks(exe, self._packed(batch))

    def close(self) -> None:
        """Delete the inputs' files."""
        self._folder.cleanup()

    def _packed(self, batch: Batch[Runs]) -> Batch[Runs]:
        return Batch(batch.label, (self._pack(batch.inputs),), 1)

    def _pack(self, items: Sequence[ProgramInput]) -> ProgramInput:
        """Return the launch that takes these inputs, whose files are written once."""
        key = tuple(item.label for item in items)
        if key not in self._packs:
            folder = Path(tempfile.mkdtemp(dir=self._folder.name))
            folder.chmod(0o755)  # the subject runs as nobody
            for index, item in enumerate(items):
                (folder / str(index)).write_bytes(item.stdin)
            self._packs[key] = folder
        label = f"{len(items)} inputs from {items[0].label}"
        files = {_INPUTS: self._packs[key]}
        return ProgramInput(label, (str(len(items)),), b"", files)

    def _split(
        self, items: Sequence[ProgramInput], run: ProgramRun
    ) -> tuple[Output, ...] | Failure:
        """Return each input's own output; the shim marks where one ends."""
        parts = _END.split(run.stdout)
        outputs = []
        for index, item in enumerate(items):
            at = 3 * index
            if len(parts) < at + 3 or int(parts[at + 1]) != index:
                why = f"the process ended at this input (exit status {run.exit_code})"
                return Failure(Outcome.CRASHED, why, item.label)
            output = Output(parts[at], int(parts[at + 2]))
            wrong = contradiction(self._interface, item, output)
            if wrong is not None:
                return wrong
            outputs.append(output)
        return tuple(outputs)
