"""Best of n: independent samples of the C agent, without feedback; the plainest use of a model.

The strongest simple rival in the literature (repeated sampling; Brown and others, "Large
Language Monkeys", arXiv 2407.21787), with the cooperative system's own C agent and budget.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from coopbench.agents.tree import Node, Tree
from coopbench.harness.base import Level
from coopbench.harness.optimizer import Answer, Failed, Surroundings, Workbench

if TYPE_CHECKING:
    from coopbench.agents.guide import Choice
    from coopbench.agents.situation import Situation

ROLES = ("c",)

_NEVER_MORE_SAMPLES = 200
"""Where no budget ends the sampling."""


@dataclass(frozen=True)
class BestOfN:
    """Asks for n versions of the original, each in a fresh conversation; the best one counts.

    Attributes:
        n: Samples; fewer if the budget ends before. None: as many as the budget allows, so that
            a comparison is one at equal budget.
    """

    n: int | None = None
    name: str = "best-of-n"
    version: str = "1"
    kind: Literal["llm"] = "llm"

    @property
    def description(self) -> str:
        """One line for people."""
        many = "as many independent C versions as the budget allows"
        few = f"{self.n} independent C versions"
        return f"the best of {many if self.n is None else few} from the model, without feedback"

    def available(self, surroundings: Surroundings) -> str | None:
        """Needs a backend for the C agent, and the pinned LLVM."""
        from coopbench.agents.opening import why_not

        return why_not(surroundings, ROLES)

    def optimize(self, workbench: Workbench) -> Answer | Failed:
        """Sample; return the best version that passes the visible tests.

        Raises:
            InfraError: if the model never answered.
        """
        from coopbench.agents.opening import open_desk
        from coopbench.agents.policies.single import Single
        from coopbench.agents.search import Search

        with open_desk(workbench, ROLES, BlindTree()) as desk:
            n = _NEVER_MORE_SAMPLES if self.n is None else self.n
            found = Search(desk, Single(Level.C), Sampling(n), steps=n + 1).run()
            if isinstance(found, Failed):
                return found
            return Answer(found.candidate, desk.tree.steps(found))


class BlindTree(Tree):
    """Keeps all candidates, but shows no agent the earlier ones: samples stay independent."""

    def attempts(self, parent: Node) -> tuple[Node, ...]:  # noqa: ARG002
        """Return nothing."""
        return ()


@dataclass
class Sampling:
    """A guide that wants the same thing n times."""

    n: int
    understood: int = 0

    def choose(self, situation: "Situation") -> "Choice":
        """Return one more attempt at the original, or the end."""
        from coopbench.agents.actions import Finish, Rewrite
        from coopbench.agents.guide import Choice

        if situation.step > self.n:
            return Choice(Finish(reason=f"{self.n} samples are taken"), "rule")
        return Choice(Rewrite(level=Level.C, parent="n0", attempts=1), "rule")


def entrants() -> tuple[BestOfN, ...]:
    """Return best-of-n."""
    return (BestOfN(),)
