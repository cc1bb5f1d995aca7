"""Policy `uniform`: all levels get the same share of the budget."""

from dataclasses import dataclass

from coopbench.agents.policies import State, no_argument
from coopbench.agents.policies.weighted import Weighted
from coopbench.harness.base import Level
from coopbench.harness.ledger import Currency


@dataclass(frozen=True)
class Uniform:
    """Opens the level, or levels, on which least was spent so far.

    Attributes:
        currency: In what spending is counted (see `spent_by_level`).
    """

    currency: Currency = Currency.TOKENS
    name: str = "uniform"

    def levels(self, state: State) -> frozenset[Level]:
        """Return the levels on which least was spent."""
        return Weighted(1, 1, 1, self.currency).levels(state)


def make(argument: str) -> Uniform:
    """Return the policy; it takes no argument."""
    no_argument("uniform", argument)
    return Uniform()
