"""The cooperative compiler-LLM system as entrants: one for each way to divide the budget.

A re-implementation of "Agentic Code Optimization via Compiler-LLM Cooperation" (Mikek,
Vashchilenko, Lu and Xu, arXiv 2604.04238) from its abstract and summaries.
"""

from dataclasses import dataclass
from typing import Literal

from coopbench.harness.base import Level
from coopbench.harness.optimizer import Answer, Failed, Surroundings, Workbench

GuideKind = Literal["model", "rule"]

_NEVER_MORE_STEPS = 200


@dataclass(frozen=True)
class Cooperative:
    """A guide, three level agents, a test agent and the compiler, under a budget policy.

    Attributes:
        name: The entrant's name.
        policy: Name of the budget policy, e.g. `guided` or `single:ir`.
        description: One line for people.
        guide: Whether a model or a fixed rule chooses the actions.
        steps: Most actions of a trial, whatever its budget.
    """

    name: str
    policy: str
    description: str
    guide: GuideKind = "model"
    steps: int = _NEVER_MORE_STEPS
    version: str = "1"
    kind: Literal["llm"] = "llm"

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles that need a model."""
        kind, _, level = self.policy.partition(":")
        levels = (level,) if kind == "single" else tuple(x.value for x in Level)
        return (*(("guide",) if self.guide == "model" else ()), *levels, "tests")

    def available(self, surroundings: Surroundings) -> str | None:
        """Needs a backend for every role, and the pinned LLVM."""
        from coopbench.agents.opening import why_not

        return why_not(surroundings, self.roles)

    def optimize(self, workbench: Workbench) -> Answer | Failed:
        """Search within the budget; return the best verified candidate and how it came about.

        Raises:
            InfraError: if no model ever answered.
        """
        from coopbench.agents.guide import ModelGuide, RuleGuide
        from coopbench.agents.opening import open_desk
        from coopbench.agents.policies import policy
        from coopbench.agents.search import Search

        with open_desk(workbench, self.roles) as desk:
            guide = ModelGuide(desk) if self.guide == "model" else RuleGuide(desk)
            found = Search(desk, policy(self.policy), guide, self.steps).run()
            if isinstance(found, Failed):
                return found
            return Answer(found.candidate, desk.tree.steps(found))


def entrants() -> tuple[Cooperative, ...]:
    """Return the cooperative system under each of its budget policies."""
    system = "guide, level agents, test agent and compiler"
    return (
        Cooperative("cooperative", "guided", f"{system}; the guide divides the budget"),
        Cooperative("cooperative-uniform", "uniform", f"{system}; equal shares for the levels"),
        Cooperative(
            "cooperative-weighted", "weighted", f"{system}; fixed shares, C 3 : IR 1 : assembly 1"
        ),
        Cooperative(
            "cooperative-thompson", "thompson", f"{system}; a bandit divides by gain per cost"
        ),
    )
