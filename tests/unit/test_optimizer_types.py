"""The entrant's side of the workbench: what fits the protocols and what is refused."""

from dataclasses import dataclass

import pytest

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Outcome, Recipe, Target
from coopbench.harness.optimizer import (
    BenchmarkView,
    CompilerInfo,
    EntrantKind,
    Failed,
    Optimizer,
    Surroundings,
    Workbench,
)


@dataclass(frozen=True)
class Fixed:
    """An entrant with one fixed recipe."""

    name: str = "fixed"
    version: str = "1"
    kind: EntrantKind = "compiler"
    description: str = "one recipe"

    def available(self, surroundings: Surroundings) -> str | None:
        ids = {c.id for c in surroundings.compilers}
        return None if "gcc-12" in ids else "gcc-12 is not installed: apt install gcc-12"

    def optimize(self, workbench: Workbench) -> Candidate | Failed:
        return workbench.benchmark.original(Recipe(compiler="gcc-12"), self.name)


def test_a_frozen_dataclass_is_an_optimizer() -> None:
    """An entrant needs no base class (mypy checks the assignment), and can say why it cannot."""
    entrant: Optimizer = Fixed()
    target = Target(name="t", arch="x86_64", march="x86-64-v2", emulated=False)
    assert entrant.available(Surroundings(target, ())) == (
        "gcc-12 is not installed: apt install gcc-12"
    )
    gcc = CompilerInfo("gcc-12", "gcc", "12.2.0", frozenset({"lto"}))
    assert entrant.available(Surroundings(target, (gcc,))) is None


def test_original_keeps_the_sources() -> None:
    """The unchanged sources under another recipe differ from the baseline in the recipe only."""
    view = BenchmarkView(
        name="scan",
        kind="kernel",
        title="Prefix sum",
        contract=None,
        program=None,
        files={"kernel.c": "int x;"},
        baseline=Recipe(),
    )
    one = view.original(view.baseline, "me")
    two = view.original(Recipe(frontend=("-O2",)), "me", "less")
    assert one.files == two.files == {"kernel.c": "int x;"}
    assert one.level is Level.C
    assert one.id != two.id
    assert one.id == view.original(view.baseline, "someone else").id


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_entrant_cannot_claim_success_or_blame_the_machine(outcome: Outcome) -> None:
    """Only failing outcomes of the entrant itself can be returned instead of a candidate."""
    if outcome.correct or outcome is Outcome.INFRA_FAILED:
        with pytest.raises(ValueError, match=f"cannot end with {outcome.value}"):
            Failed(outcome, "x")
    else:
        assert Failed(outcome, "x").outcome is outcome
