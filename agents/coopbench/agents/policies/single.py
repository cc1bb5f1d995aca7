"""Policy `single:LEVEL`: the whole budget on one level, as most published systems do."""

from dataclasses import dataclass

from coopbench.agents.policies import State
from coopbench.harness.base import Level
from coopbench.harness.errors import UsageError


@dataclass(frozen=True)
class Single:
    """Opens one level only."""

    level: Level

    @property
    def name(self) -> str:
        """Its name, level included."""
        return f"single:{self.level.value}"

    def levels(self, state: State) -> frozenset[Level]:
        """Return the level, as long as it can be worked on."""
        return state.levels & {self.level}


def make(argument: str) -> Single:
    """Return the policy of a level: `c`, `ir` or `asm`."""
    if argument not in [level.value for level in Level]:
        known = ", ".join(f"single:{level.value}" for level in Level)
        raise UsageError(f"policy 'single:{argument}': no such level; choose one of {known}")
    return Single(Level(argument))
