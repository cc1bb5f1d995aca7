"""What an entrant is, and what it may use: the two sides of the workbench.

An entrant sees the public view of a benchmark and a metered tool box, nothing else. Numbers
from the tool box steer its search and are never reported: the referee measures again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pydantic import JsonValue

from coopbench.harness.base import Level
from coopbench.harness.benchmark import ProgramInterface
from coopbench.harness.budget import BudgetSnapshot, Reservation
from coopbench.harness.contract import Contract
from coopbench.harness.ledger import Amounts, Currency, Purpose
from coopbench.harness.model import Candidate, Outcome, Recipe, Target, Verdict
from coopbench.harness.settings import Settings
from coopbench.harness.toolchain.remarks import Remark
from coopbench.harness.toolchain.throughput import Throughput
from coopbench.harness.trajectory import Event

EntrantKind = Literal["null", "compiler", "autotuner", "llm", "external", "ceiling"]
"""Sorts of entrants; a `ceiling` shows how much there is to gain and is never ranked."""


@dataclass(frozen=True)
class CompilerInfo:
    """A compiler that a recipe may name."""

    id: str
    """Value of `Recipe.compiler`: `pinned`, `clang-19`, `gcc-12`…"""
    family: Literal["clang", "gcc"]
    version: str
    features: frozenset[str] = frozenset()
    """What it can do beyond compiling, e.g. `lto`, `pgo`, `polly`, `passes`, `asan`."""


@dataclass(frozen=True)
class Surroundings:
    """What an entrant must know to say whether it can take part at all."""

    target: Target
    compilers: tuple[CompilerInfo, ...]
    """Those that can build for the target here."""
    settings: Settings = field(default_factory=Settings)
    """How the user lets entrants reach a model."""


@dataclass(frozen=True)
class BenchmarkView:
    """The public side of a benchmark: its specification, no inputs and no hints."""

    name: str
    kind: Literal["kernel", "program"]
    title: str
    contract: Contract | None
    """Specification of a kernel; None for a program."""
    program: ProgramInterface | None
    """How a program is run; None for a kernel."""
    files: dict[str, str]
    """Name to text of the sources an entrant may rewrite."""
    baseline: Recipe
    """Recipe of the reference that speedups are relative to."""

    def original(self, recipe: Recipe, made_by: str, note: str = "") -> Candidate:
        """Return the unchanged sources under another recipe, as a candidate at level C."""
        return Candidate(
            benchmark=self.name,
            level=Level.C,
            files=self.files,
            recipe=recipe,
            made_by=made_by,
            note=note,
        )


@dataclass(frozen=True)
class Built:
    """A candidate that became an executable."""

    candidate: str
    """Candidate id."""
    exe_sha256: str
    """Hash of the executable in canonical layout: equal hashes mean equal code."""
    seconds: float
    """Wall seconds the build took; small if it came from the cache."""


@dataclass(frozen=True)
class BuildFailed:
    """A candidate that did not become an executable."""

    step: str
    """The constituent that failed, e.g. `frontend`, `passes`, `codegen`, `assemble`, `link`."""
    diagnostics: str
    """The tool's messages, cut to a readable length."""


@dataclass(frozen=True)
class Failed:
    """An entrant that ends without a candidate to judge.

    Attributes:
        outcome: A failing outcome; success is for the referee to find, trouble of the machine
            is an exception.
        reason: One line.

    Raises:
        ValueError: if the outcome is not a failing one of the entrant.
    """

    outcome: Outcome
    reason: str

    def __post_init__(self) -> None:
        if self.outcome.correct or self.outcome is Outcome.INFRA_FAILED:
            raise ValueError(f"an entrant cannot end with {self.outcome.value}")


@dataclass(frozen=True)
class HotBlock:
    """A stretch of straight-line code and how much of the program's work it does."""

    function: str
    address: int
    """Of its first instruction, as in `Workbench.disassembly`."""
    instructions: int
    """Length."""
    executions: int
    """How often it ran on the visible input."""
    share: float
    """Share of all retired instructions, 0 to 1."""


@dataclass(frozen=True)
class Admission:
    """What became of a proposed workload."""

    accepted: bool
    label: str
    """Name of the workload among the visible tests; empty if refused."""
    reason: str
    """One line: why it was refused, or what it adds."""


@dataclass(frozen=True)
class Ablation:
    """A winner without the edits of one level: what that level is worth shows when it is judged.

    Attributes:
        level: The level whose edits are left out.
        candidate: The rest of the chain, built anew without them.
        with_dependants: True if edits of later levels had to go as well, because they were made
            on top of those left out.
    """

    level: Level
    candidate: Candidate
    with_dependants: bool = False


@dataclass(frozen=True)
class ChainStep:
    """One step of the way from the original to a winner."""

    candidate: Candidate
    """What the step led to."""
    step: Literal["original", "rewrite", "lower", "passes", "codegen"]
    edit: Level | None = None
    """Level that it edits; None for the original and for a lowering by the default way."""
    passes: str | None = None
    """Pipeline that a lowering was done with."""


@dataclass(frozen=True)
class Answer:
    """A candidate to be judged, and how it came about.

    Attributes:
        candidate: The winner.
        chain: Steps from the original to the winner, both included; the harness judges the
            winner without one level's edits too, to tell what each level is worth.
    """

    candidate: Candidate
    chain: tuple[ChainStep, ...] = ()


class Workbench(Protocol):
    """The metered tool box of one trial.

    Every method may raise `BudgetSpentError`: an entrant catches it and returns the best it has,
    or lets it pass: then `best` is judged, and without one the trial ends as `budget_spent`. `InfraError` is not for entrants to
    catch.
    """

    @property
    def benchmark(self) -> BenchmarkView:
        """The benchmark's public view."""

    @property
    def surroundings(self) -> Surroundings:
        """Target and compilers."""

    @property
    def trial(self) -> str:
        """The trial's name: `entrant/benchmark/target/repetition`; the same in every run."""

    @property
    def seed(self) -> int:
        """Seed for the entrant's own randomness; differs between repetitions only."""

    def build(self, candidate: Candidate) -> Built | BuildFailed:
        """Build a candidate (cached by content)."""

    def check(self, candidate: Candidate) -> Verdict:
        """Run the visible tests only; passing them is necessary, not sufficient."""

    def cost(self, candidate: Candidate) -> float | None:
        """Return a quick estimate of the cost; costs one evaluation.

        Lower is better, in the target's metric; comparable within this trial only. None if it
        cannot be had because the candidate does not build or run: `build` and `check` say why.
        """

    def profile(self, recipe: Recipe) -> str | BuildFailed:
        """Train the original sources on visible inputs and return a value for `Recipe.profile`.

        Args:
            recipe: Says which compiler instruments, trains and reads the profile.
        """

    def lower(
        self, candidate: Candidate, to: Level, passes: str | None = None
    ) -> Candidate | BuildFailed:
        """Return the candidate as text of a lower level, whole files, ready to be edited there.

        The result builds to the same code if it is not edited, but for `passes`: if given, this
        `opt` pipeline takes the place of what the candidate's recipe would have done to its IR.

        Args:
            candidate: At level C or IR.
            to: IR or assembly, below the candidate's level.
            passes: An `opt -passes=` pipeline.
        """

    def remarks(self, candidate: Candidate) -> tuple[Remark, ...] | BuildFailed:
        """Return what the compiler's passes did and could not do; empty for assembly."""

    def throughput(self, candidate: Candidate) -> tuple[Throughput, ...] | BuildFailed:
        """Return llvm-mca's model of every basic block of the hot function."""

    def disassembly(self, candidate: Candidate) -> str | BuildFailed:
        """Return the machine code of the candidate's objects as text."""

    def hot_blocks(self, candidate: Candidate) -> tuple[HotBlock, ...] | None:
        """Return where a visible input spends its instructions, hottest first.

        None if nothing here counts for this target, or the candidate does not build or run.
        """

    def instructions(self, candidate: Candidate) -> float | None:
        """Return retired instructions per call on a visible input; exact, the same everywhere.

        None as for `hot_blocks`. Costs no evaluation.
        """

    def propose(self, workload: Mapping[str, JsonValue]) -> Admission:
        """Propose a workload in the contract's vocabulary; if accepted it joins `check`'s tests.

        Args:
            workload: `{"note": …, "scalars": {name: value}, "arrays": {name: values or a
                distribution}}` for a kernel, `{"note": …, "args": […], "stdin": text}` for a
                program.
        """

    def visible_inputs(self) -> dict[str, bytes]:
        """Return the visible inputs as files, by name, for optimizers that run elsewhere."""

    def best(self) -> Candidate | None:
        """Return the cheapest candidate so far that passed `check`, by `cost`; None if none did."""

    def reserve(self, purpose: Purpose, amounts: Amounts) -> Reservation:
        """Set aside what an action of the entrant's own may cost, e.g. a call of a model."""

    def settle(self, reservation: Reservation, actual: Amounts) -> None:
        """Replace a reservation by what the action did cost."""

    def record(self, event: Event) -> None:
        """Append to the trial's trajectory; on the disk when this returns."""

    def remaining(self, currency: Currency) -> int | None:
        """Return what is left of a currency, None if it has no cap."""

    def spent(self) -> BudgetSnapshot:
        """Return what was spent so far, by level, agent and action."""


class Optimizer(Protocol):
    """An entrant: turns a benchmark into a candidate within a budget.

    One object serves many trials, possibly in several threads, so it keeps no state between
    calls of `optimize`.
    """

    @property
    def name(self) -> str:
        """Unique name, as on the command line and in results."""

    @property
    def version(self) -> str:
        """Raised whenever its answers may change."""

    @property
    def kind(self) -> EntrantKind:
        """What sort of entrant it is."""

    @property
    def description(self) -> str:
        """One line for people."""

    def available(self, surroundings: Surroundings) -> str | None:
        """Return why it cannot take part here (with the remedy), None if it can."""

    def optimize(self, workbench: Workbench) -> Candidate | Answer | Failed:
        """Return the candidate to be judged, or how the search failed."""
