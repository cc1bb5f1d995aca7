"""Policy `guided`: every level is always open; the guiding model divides the budget."""

from dataclasses import dataclass

from coopbench.agents.policies import State, no_argument
from coopbench.harness.base import Level


@dataclass(frozen=True)
class Guided:
    """Leaves the choice to the guide."""

    name: str = "guided"

    def levels(self, state: State) -> frozenset[Level]:
        """Return all levels that can be worked on."""
        return state.levels


def make(argument: str) -> Guided:
    """Return the policy; it takes no argument."""
    no_argument("guided", argument)
    return Guided()
