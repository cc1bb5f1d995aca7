"""Inputs of a program, and how its results are obtained and compared."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from coopbench.harness.benchmark import Benchmark, ProgramInterface
from coopbench.harness.cases import Batch, Conditions, Difference, Failure
from coopbench.harness.emulation.blocks import BlockCounts
from coopbench.harness.launch import Launcher, ProgramRun
from coopbench.harness.model import Launch
from coopbench.harness.program_input import ProgramInput
from coopbench.harness.program_output import (
    Output,
    contradiction,
    observed,
    same,
    text_difference,
)
from coopbench.harness.programs import edge_program_inputs, make_program_input
from coopbench.harness.visible import visible_runs
from coopbench.harness.workload import derive_seed

HIDDEN_INPUTS = 14
LARGE_INPUTS = 2

Runs = tuple[ProgramInput, ...]


class ProgramCases:
    """Batches of runs of one program on one target.

    Args:
        benchmark: The program.
        launcher: Runs executables for the target.
        secret: The run's secret.
    """

    def __init__(self, benchmark: Benchmark, launcher: Launcher, secret: bytes) -> None:
        self._benchmark = benchmark
        self._launcher = launcher
        self._secret = secret
        self._interface = benchmark.manifest.program or ProgramInterface()

    def visible(self) -> tuple[Batch[Runs], ...]:
        """Return four runs of the preset `test` with public seeds."""
        runs = visible_runs(self._benchmark)
        return (Batch("visible", runs, len(runs)),)

    def hidden(self) -> tuple[Batch[Runs], ...]:
        """Return secret inputs over many sizes, two of them of full size."""
        sizes = self._benchmark.manifest.sizes
        ranges = {n: (0, v) for n, v in sizes["small"].items()} | self._benchmark.manifest.hidden
        runs = []
        for i in range(HIDDEN_INPUTS):
            seed = derive_seed(self._secret, "hidden", self._benchmark.name, i)
            rng = np.random.default_rng(seed)
            values: Mapping[str, int] = {
                n: int(rng.integers(low, high, endpoint=True)) for n, (low, high) in ranges.items()
            }
            if i >= HIDDEN_INPUTS - LARGE_INPUTS:
                values = sizes["ref"]
            runs.append(make_program_input(self._benchmark, values, seed, "hidden"))
        return (Batch("hidden", tuple(runs), len(runs)),)

    def edges(self) -> tuple[Batch[Runs], ...]:
        """Return empty, cut, damaged and repetitive standard input."""
        seed = derive_seed(self._secret, "edge", self._benchmark.name)
        runs = edge_program_inputs(self._benchmark, seed)
        return (Batch("edge", runs, len(runs)),)

    def chosen(self, label: str, items: Sequence[ProgramInput]) -> Batch[Runs]:
        """Return given inputs as one batch."""
        return Batch(label, tuple(items), len(items))

    def each(self, batch: Batch[Runs]) -> tuple[ProgramInput, ...]:
        """Return the inputs of a batch."""
        return batch.inputs

    def timed(self, label: str, seed: int, reps: int) -> Batch[Runs]:
        """Return one run of the reference size; a program's launch is one run (`reps` is 1)."""
        sizes = self._benchmark.manifest.sizes["ref"]
        return Batch(label, (make_program_input(self._benchmark, sizes, seed, "timed"),), reps)

    def most_reps(self) -> int:
        """Return 1: a launch of a program is one run."""
        return 1

    def run(self, exe: Path, batch: Batch[Runs]) -> tuple[Output, ...] | Failure:
        """Run every input in a process of its own."""
        outputs = []
        for item in batch.inputs:
            got = self._launcher.program(exe, item)
            output = got if isinstance(got, Failure) else self._checked(item, got)
            if isinstance(output, Failure):
                return output
            outputs.append(output)
        return tuple(outputs)

    def time(
        self, exe: Path, batch: Batch[Runs], conditions: Conditions
    ) -> tuple[tuple[Output, ...], Launch] | Failure:
        """Make one timed run."""
        (item,) = batch.inputs
        got = self._launcher.program(
            exe, item, env_bytes=conditions.env_bytes, extra_work=conditions.extra_work
        )
        if isinstance(got, Failure):
            return got
        output = self._checked(item, got)
        return output if isinstance(output, Failure) else ((output,), got.launch)

    def count(self, exe: Path, batch: Batch[Runs]) -> float | Failure:
        """Return the instructions of the whole run."""
        (item,) = batch.inputs
        got = self._launcher.program(exe, item, counting=True)
        return got if isinstance(got, Failure) else float(got.instructions_or_raise())

    def count_blocks(self, exe: Path, batch: Batch[Runs]) -> BlockCounts | Failure:
        """Return what code the whole run executed."""
        (item,) = batch.inputs
        return self._launcher.program_blocks(exe, item)

    def train(self, exe: Path, folder: Path) -> Failure | None:
        """Run an instrumented build on the visible inputs."""
        items = [item for batch in self.visible() for item in batch.inputs]
        for index, item in enumerate(items):
            failure = self._launcher.train_program(exe, item, folder, index)
            if failure is not None:
                return failure
        return None

    def difference(
        self, batch: Batch[Runs], expected: tuple[Output, ...], got: tuple[Output, ...]
    ) -> Difference | None:
        """Return the first run whose exit status or output differs."""
        for item, want, have in zip(batch.inputs, expected, got, strict=True):
            if want.exit_code != have.exit_code:
                return Difference(
                    item.label, "exit status", str(want.exit_code), str(have.exit_code)
                )
            if not same(self._interface, want.stdout, have.stdout):
                return text_difference(item.label, want.stdout, have.stdout)
        return None

    def close(self) -> None:
        """Nothing is held between runs."""

    def _checked(self, item: ProgramInput, run: ProgramRun) -> Output | Failure:
        output = observed(self._interface, run)
        return contradiction(self._interface, item, output) or output
