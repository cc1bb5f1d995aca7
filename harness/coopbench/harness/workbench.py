"""The metered tools of one trial: what an entrant may do, and what it costs."""

import time
from typing import Any

from coopbench.harness.budget import Amounts, Budget, BudgetSnapshot, Currency, Purpose, nanoseconds
from coopbench.harness.executables import compiler_infos
from coopbench.harness.model import Candidate, Level, Outcome, Recipe, Rung, Verdict
from coopbench.harness.optimizer import BenchmarkView, BuildFailed, Built, Surroundings
from coopbench.harness.referee import BASELINE, Examined, Referee

COST_LAUNCHES = 3
"""Launches of a cost estimate on a timed target; the smallest counts."""


class LocalWorkbench:
    """The workbench of one trial on this machine.

    Args:
        referee: Of the benchmark and target; its hidden side is never shown.
        budget: Charged for everything.
        seed: For the entrant's own randomness.
    """

    def __init__(self, referee: Referee[Any, Any], budget: Budget, seed: int) -> None:
        self._referee = referee
        self._budget = budget
        self._seed = seed

    @property
    def benchmark(self) -> BenchmarkView:
        """The benchmark's public view."""
        b = self._referee.benchmark
        return BenchmarkView(
            name=b.name,
            kind=b.manifest.kind,
            title=b.manifest.title,
            contract=b.manifest.contract,
            program=b.manifest.program,
            files=dict(b.files),
            baseline=BASELINE,
        )

    @property
    def surroundings(self) -> Surroundings:
        """Target and compilers."""
        target = self._referee.target
        return Surroundings(target, compiler_infos(self._referee.executables.compilers, target))

    @property
    def seed(self) -> int:
        """Seed for the entrant's own randomness."""
        return self._seed

    def build(self, candidate: Candidate) -> Built | BuildFailed:
        """Build a candidate (cached by content)."""
        made = self._built(candidate, "build")
        if made.exe_sha256 is None:
            return BuildFailed(_step(made), made.verdict.reason)
        return Built(candidate.id, made.exe_sha256, made.build_s)

    def check(self, candidate: Candidate) -> Verdict:
        """Run the visible tests only."""
        made = self._built(candidate, "check")
        if made.verdict.outcome is not None:
            return made.verdict
        start = time.monotonic()
        verdict = self._referee.check_visible(candidate)
        self._charge_run(candidate.level, "check", start)
        return verdict

    def cost(self, candidate: Candidate) -> float | None:
        """Return a quick estimate of the cost; costs one evaluation."""
        purpose = Purpose(level=candidate.level, action="cost")
        reservation = self._budget.reserve(purpose, Amounts(evaluations=1))
        try:
            made = self._built(candidate, "cost")
            if made.verdict.outcome is not None:
                return None
            start = time.monotonic()
            value = self._referee.quick_cost(candidate, COST_LAUNCHES)
            self._charge_run(candidate.level, "cost", start)
        finally:
            self._budget.settle(reservation, Amounts(evaluations=1))
        return value

    def profile(self, recipe: Recipe) -> str | BuildFailed:
        """Train the original sources on visible inputs."""
        start = time.monotonic()
        trained = self._referee.train(recipe)
        self._charge_run(Level.C, "profile", start)
        return (
            trained if isinstance(trained, str) else BuildFailed(trained.stage, trained.diagnostics)
        )

    def remaining(self, currency: Currency) -> int | None:
        """Return what is left of a currency, None if it has no cap."""
        return self._budget.remaining(currency)

    def spent(self) -> BudgetSnapshot:
        """Return what was spent so far."""
        return self._budget.snapshot()

    def _built(self, candidate: Candidate, action: str) -> Examined:
        purpose = Purpose(level=candidate.level, action=action)
        reservation = self._budget.reserve(purpose, Amounts())
        spent = 0.0
        try:
            made = self._referee.build(candidate)
            spent = made.build_s
        finally:
            self._budget.settle(reservation, Amounts(compile_ns=nanoseconds(spent)))
        return made

    def _charge_run(self, level: Level, action: str, start: float) -> None:
        spent = nanoseconds(time.monotonic() - start)
        self._budget.charge(Purpose(level=level, action=action), Amounts(run_ns=spent))


def _step(made: Examined) -> str:
    rejected = made.verdict.outcome is Outcome.REJECTED_BY_SCAN
    return str(Rung.SCAN if rejected else Rung.BUILD)
