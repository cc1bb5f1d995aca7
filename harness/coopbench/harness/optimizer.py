"""What an entrant is, and what it may use: the two sides of the workbench.

An entrant sees the public view of a benchmark and a metered tool box, nothing else. Numbers
from the tool box steer its search and are never reported: the referee measures again.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from coopbench.harness.benchmark import ProgramInterface
from coopbench.harness.budget import BudgetSnapshot, Currency
from coopbench.harness.contract import Contract
from coopbench.harness.model import Candidate, Level, Outcome, Recipe, Target, Verdict

EntrantKind = Literal["null", "compiler", "autotuner", "llm", "external"]


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


class Workbench(Protocol):
    """The metered tool box of one trial.

    Every method may raise `BudgetSpentError`: an entrant catches it and returns the best it has,
    or lets it pass, which ends the trial as `budget_spent`. `InfraError` is not for entrants to
    catch.
    """

    @property
    def benchmark(self) -> BenchmarkView:
        """The benchmark's public view."""

    @property
    def surroundings(self) -> Surroundings:
        """Target and compilers."""

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

    def optimize(self, workbench: Workbench) -> Candidate | Failed:
        """Return the candidate to be judged, or how the search failed."""
