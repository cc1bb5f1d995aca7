"""Inputs of a kernel, and how its results are obtained and compared."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from coopbench.harness.benchmark import Benchmark
from coopbench.harness.cases import Batch, Conditions, Difference, Failure
from coopbench.harness.contract import Contract
from coopbench.harness.driver.arena import Arena, Placement, Results
from coopbench.harness.driver.live import ArenaMemory, LiveArena
from coopbench.harness.emulation.blocks import BlockCounts
from coopbench.harness.errors import UsageError
from coopbench.harness.launch import Launcher
from coopbench.harness.model import Launch, Outcome
from coopbench.harness.verify.compare import first_difference
from coopbench.harness.verify.edges import edge_inputs, size_parameters
from coopbench.harness.visible import visible_calls
from coopbench.harness.workload import KernelInput, derive_seed, make_input, rotated

HIDDEN_INPUTS = 72
MOST_CALLS = 200
ARENA_BYTES = 16 << 20
"""Memory of one timed launch."""

FRESH = 2
"""Inputs of a timed launch that are drawn afresh; the others are rotations of these."""

EVERYWHERE = (Placement.START, Placement.END, Placement.RANDOM)

SIZE_DRAWS = 50
"""Draws of hidden sizes before their ranges count as impossible."""


@dataclass(frozen=True)
class Calls:
    """Inputs of one launch and the placements in which they are run."""

    items: tuple[KernelInput, ...]
    placements: tuple[Placement, ...]
    seed: int
    """Seed of placements and canaries."""
    laid_out: list[Arena] = field(default_factory=list, compare=False, repr=False)
    """The arena in the first placement, once made: both arms of a pair get the same."""

    def arena(self, contract: Contract) -> Arena:
        """Return the arena in the first placement."""
        if not self.laid_out:
            rng = np.random.default_rng(self.seed)
            self.laid_out.append(Arena(contract, self.items, self.placements[0], rng))
        return self.laid_out[0]


class KernelCases:
    """Batches of calls of one kernel on one target.

    Args:
        benchmark: The kernel.
        launcher: Runs executables for the target.
        secret: The run's secret.
    """

    def __init__(self, benchmark: Benchmark, launcher: Launcher, secret: bytes) -> None:
        self._benchmark = benchmark
        self._contract = benchmark.contract
        self._launcher = launcher
        self._secret = secret
        self._salt = itertools.count()
        self._memory = ArenaMemory()

    def visible(self) -> tuple[Batch[Calls], ...]:
        """Return eight small inputs of the presets `test` and `small`, with public seeds."""
        return (self._batch("visible", visible_calls(self._benchmark), (Placement.END,)),)

    def hidden(self) -> tuple[Batch[Calls], ...]:
        """Return secret inputs over many sizes, and one of full size for each distribution."""
        ranges = self._benchmark.manifest.hidden or self._default_ranges()
        items = [self._hidden_item(ranges, i) for i in range(HIDDEN_INPUTS)]
        large = self._benchmark.manifest.sizes["ref"]
        whole = [
            self._item(large, self._secret, "hidden large", i) for i in range(self._variants())
        ]
        return (
            self._batch("hidden", items, (Placement.END, Placement.RANDOM)),
            self._batch("hidden large", whole, (Placement.RANDOM,)),
        )

    def edges(self) -> tuple[Batch[Calls], ...]:
        """Return inputs at the contract's edges, touching either guard page, and unaligned."""
        items = edge_inputs(self._benchmark, self._secret)
        return (self._batch("edge", items, EVERYWHERE),)

    def chosen(self, label: str, items: Sequence[KernelInput]) -> Batch[Calls]:
        """Return given inputs, touching either guard page, and unaligned."""
        return self._batch(label, items, EVERYWHERE)

    def each(self, batch: Batch[Calls]) -> tuple[KernelInput, ...]:
        """Return the inputs of a batch."""
        return batch.inputs.items

    def timed(self, label: str, seed: int, reps: int) -> Batch[Calls]:
        """Return `reps` calls of the reference size, each on another input."""
        size = self._benchmark.manifest.sizes["ref"]
        items: list[KernelInput] = []
        for i in range(reps):
            turned = rotated(self._contract, items[i % FRESH], seed + i) if i >= FRESH else None
            items.append(turned or make_input(self._contract, size, seed + i, label="timed"))
        calls = Calls(tuple(items), (Placement.RANDOM,), seed)
        calls.arena(self._contract)  # laid out now, while there is time, not in the launch
        return Batch(label, calls, reps)

    def most_reps(self) -> int:
        """Return how many calls fit into the memory for one launch."""
        batch = self.timed("size", 0, 1)
        one = Arena(self._contract, batch.inputs.items, Placement.RANDOM, np.random.default_rng(0))
        return max(1, min(MOST_CALLS, ARENA_BYTES // one.bytes))

    def run(self, exe: Path, batch: Batch[Calls]) -> Results | Failure:
        """Make the calls in every placement; results of all placements must be the same."""
        first: Results | None = None
        for placement in batch.inputs.placements:
            got = self._once(exe, batch, placement)
            if isinstance(got, Failure):
                return got
            if first is not None:
                found = first_difference(self._contract, first, got)
                if found is not None:
                    return Failure(
                        Outcome.WRONG_OUTPUT,
                        f"result depends on where buffers lie: {found.where} was {found.expected}, "
                        f"then {found.got}",
                        batch.inputs.items[found.call].label,
                    )
            first = first or got
        if first is None:
            raise AssertionError("a batch without placements")
        return first

    def time(
        self, exe: Path, batch: Batch[Calls], conditions: Conditions
    ) -> tuple[Results, Launch] | Failure:
        """Make one timed launch of the calls."""
        calls = batch.inputs
        arena = calls.arena(self._contract)
        with LiveArena(arena, conditions.reps, conditions.extra_work, self._memory) as live:
            run = self._launcher.kernel(exe, live, env_bytes=conditions.env_bytes)
            if isinstance(run, Failure):
                return run
            results = live.results()
        failure = self._complete(results, batch, live.reps)
        return failure or (results, run.launch)

    def count(self, exe: Path, batch: Batch[Calls]) -> float | Failure:
        """Return instructions per call: the difference of two launches with more and fewer calls."""
        calls = batch.inputs
        counts: list[int] = []
        arena = calls.arena(self._contract)
        for reps in (1, len(calls.items)):
            with LiveArena(arena, reps, memory=self._memory) as live:
                run = self._launcher.kernel(exe, live, counting=True)
                if isinstance(run, Failure):
                    return run
                failure = self._complete(live.results(), batch, reps)
            if failure is not None:
                return failure
            counts.append(run.instructions_or_raise())
        return (counts[1] - counts[0]) / (len(calls.items) - 1)

    def count_blocks(self, exe: Path, batch: Batch[Calls]) -> BlockCounts | Failure:
        """Return what code the calls after the first one executed."""
        calls = batch.inputs
        counts: list[BlockCounts] = []
        arena = calls.arena(self._contract)
        for reps in (1, len(calls.items)):
            with LiveArena(arena, reps, memory=self._memory) as live:
                got = self._launcher.kernel_blocks(exe, live)
                if isinstance(got, Failure):
                    return got
                failure = self._complete(live.results(), batch, reps)
            if failure is not None:
                return failure
            counts.append(got)
        return counts[1].minus(counts[0])

    def train(self, exe: Path, folder: Path) -> Failure | None:
        """Run an instrumented build on the visible inputs."""
        (batch,) = self.visible()
        rng = np.random.default_rng(batch.inputs.seed)
        arena = Arena(self._contract, batch.inputs.items, Placement.RANDOM, rng)
        with LiveArena(arena, memory=self._memory) as live:
            return self._launcher.train_kernel(exe, live, folder)

    def difference(self, batch: Batch[Calls], expected: Results, got: Results) -> Difference | None:
        """Return the first difference under the contract's float policy."""
        found = first_difference(self._contract, expected, got)
        if found is None:
            return None
        label = batch.inputs.items[found.call].label
        return Difference(label, found.where, found.expected, found.got)

    def _variants(self) -> int:
        return max((len(p.distributions) for p in self._contract.arrays), default=1) or 1

    def _default_ranges(self) -> dict[str, tuple[int, int]]:
        small = self._benchmark.manifest.sizes["small"]
        names = {p.name for p in size_parameters(self._contract)}
        return {n: (0, 2 * v) for n, v in small.items() if n in names}

    def _hidden_item(self, ranges: dict[str, tuple[int, int]], index: int) -> KernelInput:
        """Draw sizes until the contract allows them."""
        rng = np.random.default_rng(derive_seed(self._secret, "sizes", self._benchmark.name, index))
        for _ in range(SIZE_DRAWS):
            given = {
                n: int(rng.integers(low, high, endpoint=True)) for n, (low, high) in ranges.items()
            }
            try:
                return self._item(given, self._secret, "hidden", index)
            except UsageError:
                continue
        raise UsageError(
            f"benchmark {self._benchmark.name!r}: no sizes in [hidden] satisfy the contract; "
            "narrow the ranges"
        )

    def close(self) -> None:
        """Release the memory that launches used."""
        self._memory.close()

    def _item(self, given: dict[str, int], secret: bytes, kind: str, index: int) -> KernelInput:
        seed = derive_seed(secret, kind, self._benchmark.name, index)
        return make_input(self._contract, given, seed, variant=index, label=kind)

    def _batch(
        self, label: str, items: Sequence[KernelInput], placements: tuple[Placement, ...]
    ) -> Batch[Calls]:
        seed = derive_seed(self._secret, "placement", self._benchmark.name, label)
        return Batch(label, Calls(tuple(items), placements, seed), len(items))

    def _once(self, exe: Path, batch: Batch[Calls], placement: Placement) -> Results | Failure:
        # Every launch gets its own poison and canaries: what is never written shows as a change.
        rng = np.random.default_rng((batch.inputs.seed, next(self._salt)))
        arena = Arena(self._contract, batch.inputs.items, placement, rng)
        with LiveArena(arena, memory=self._memory) as live:
            run = self._launcher.kernel(exe, live)
            results = live.results()
        if isinstance(run, Failure):
            items = batch.inputs.items
            label = items[results.progress].label if results.progress < len(items) else ""
            return Failure(run.outcome, run.detail, label)
        return self._complete(results, batch, len(batch.inputs.items)) or results

    def _complete(self, results: Results, batch: Batch[Calls], reps: int) -> Failure | None:
        """Demand positive evidence: all calls made, nothing else touched, filter in force."""
        if results.progress != reps:
            return Failure(
                Outcome.WRONG_OUTPUT,
                f"said done after {results.progress} of {reps} calls",
                batch.label,
            )
        if results.damage is not None:
            return Failure(Outcome.WRONG_OUTPUT, results.damage, batch.label)
        if not results.sealed and not self._launcher.emulated:
            return Failure(
                Outcome.CRASHED, "the driver's system-call filter was not in force", batch.label
            )
        return None
