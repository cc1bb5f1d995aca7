"""Policy `thompson`: a bandit over the levels, by gain for the money.

Budgeted Thompson sampling (Xia, Li, Qin, Yu and Liu, IJCAI 2015): a level's reward and its cost
each have a Beta posterior; one draw of each, and the level of the highest ratio is open. Shares
of a success are counted as such instead of by a coin, which leaves the means as they are.
"""

import math
import random
from dataclasses import dataclass

from coopbench.agents.policies import Slice, State, no_argument
from coopbench.harness.base import Level
from coopbench.harness.ledger import Currency


@dataclass(frozen=True)
class Thompson:
    """Opens the one level whose sampled gain for its sampled cost is highest.

    A step that makes the best candidate `r` times as fast is rewarded with log2(r), at most 1;
    its cost is what it spent as a share of the most expensive step so far.

    Attributes:
        currency: In what costs are counted; calls of models if none of it was ever spent.
    """

    currency: Currency = Currency.TOKENS
    name: str = "thompson"

    def levels(self, state: State) -> frozenset[Level]:
        """Return the level that is drawn."""
        if not state.levels:
            return frozenset()
        # Simulation needs no secure randomness; a seeded stream makes a replay take the same path.
        chance = random.Random(f"thompson {state.seed} {len(state.slices)}")  # noqa: S311
        costs = _costs(state.slices, self.currency)
        drawn: dict[Level, float] = {}
        for level in sorted(state.levels):
            own = [i for i, s in enumerate(state.slices) if s.level is level]
            reward = _draw(chance, [_reward(state.slices[i]) for i in own])
            cost = _draw(chance, [costs[i] for i in own])
            drawn[level] = reward / max(cost, 1e-9)
        return frozenset({max(drawn, key=lambda level: drawn[level])})


def make(argument: str) -> Thompson:
    """Return the policy; it takes no argument."""
    no_argument("thompson", argument)
    return Thompson()


def _draw(chance: random.Random, shares: list[float]) -> float:
    successes = math.fsum(shares)
    return chance.betavariate(1 + successes, 1 + len(shares) - successes)


def _reward(s: Slice) -> float:
    return min(1.0, max(0.0, math.log2(s.gain_after / s.gain_before)))


def _costs(slices: tuple[Slice, ...], currency: Currency) -> list[float]:
    for unit in (currency, Currency.MODEL_CALLS):
        most = max((s.spent.of(unit) for s in slices), default=0)
        if most:
            return [s.spent.of(unit) / most for s in slices]
    return [1.0] * len(slices)
