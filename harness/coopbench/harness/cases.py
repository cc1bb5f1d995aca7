"""What a benchmark is run on: batches of inputs, and how their results compare.

Kernels and programs differ in how they are run and compared; verification and measurement
see only this interface. One file, so that the seam can be read at a glance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from coopbench.harness.emulation.blocks import BlockCounts
from coopbench.harness.model import Launch, Outcome

Inputs = TypeVar("Inputs")
Observed = TypeVar("Observed")


@dataclass(frozen=True)
class Batch(Generic[Inputs]):
    """Inputs that are tried together."""

    label: str
    """Unique in its run, e.g. `hidden` or `timed 17`."""
    inputs: Inputs
    size: int
    """Number of inputs."""


@dataclass(frozen=True)
class Failure:
    """A subject that did not finish properly: an outcome, never an exception."""

    outcome: Outcome
    """`crashed`, `timed_out` or `wrong_output`."""
    detail: str
    """One line for people."""
    workload: str = ""
    """The input it failed on, if known."""


@dataclass(frozen=True)
class Difference:
    """Where a result parts from the expected one."""

    workload: str
    where: str
    expected: str
    got: str


@dataclass(frozen=True)
class Conditions:
    """What varies from launch to launch besides the input."""

    env_bytes: int = 0
    """Length of a padding environment variable."""
    extra_work: int = 0
    """Iterations of a serial chain that the trusted driver adds (planted effect)."""
    reps: int | None = None
    """Calls of the batch to make; None means all."""


class Cases(Protocol[Inputs, Observed]):
    """Inputs of one benchmark on one target, and how to run them."""

    def visible(self) -> tuple[Batch[Inputs], ...]:
        """Return the batches that entrants see as well."""

    def hidden(self) -> tuple[Batch[Inputs], ...]:
        """Return batches drawn from the run's secret."""

    def edges(self) -> tuple[Batch[Inputs], ...]:
        """Return batches at the edges of the contract."""

    def timed(self, label: str, seed: int, reps: int) -> Batch[Inputs]:
        """Return a batch of the reference size for one timed block."""

    def chosen(self, label: str, items: Sequence[Any]) -> Batch[Inputs]:
        """Return given inputs as one batch, to be run wherever buffers may lie."""

    def each(self, batch: Batch[Inputs]) -> tuple[Any, ...]:
        """Return the inputs of a batch one by one, as `chosen` takes them."""

    def most_reps(self) -> int:
        """Return how many calls one timed launch may make at most."""

    def run(self, exe: Path, batch: Batch[Inputs]) -> Observed | Failure:
        """Run a batch for its results, in every placement that the batch asks for."""

    def time(
        self, exe: Path, batch: Batch[Inputs], conditions: Conditions
    ) -> tuple[Observed, Launch] | Failure:
        """Make one timed launch; the launch's arm is filled in by the caller."""

    def count(self, exe: Path, batch: Batch[Inputs]) -> float | Failure:
        """Return retired instructions per call (kernel) or of the whole run (program)."""

    def count_blocks(self, exe: Path, batch: Batch[Inputs]) -> BlockCounts | Failure:
        """Return what code was executed, of the calls that `count` counts; the sums agree."""

    def difference(
        self, batch: Batch[Inputs], expected: Observed, got: Observed
    ) -> Difference | None:
        """Return the first difference between two results of one batch."""

    def train(self, exe: Path, folder: Path) -> Failure | None:
        """Run an instrumented build on the visible inputs; raw profiles go to the folder."""

    def close(self) -> None:
        """Release what was held between launches."""
