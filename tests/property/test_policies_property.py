"""Policies over random searches: shares converge, and nothing out of reach is ever opened."""

import random

from hypothesis import given
from hypothesis import strategies as st

from coopbench.agents.policies import Policy, Slice, State, policy, spent_by_level
from coopbench.agents.policies.weighted import Weighted
from coopbench.harness.base import Level
from coopbench.harness.ledger import Amounts

COSTS = st.lists(st.integers(1, 5000), min_size=1, max_size=120)
PICKS = st.randoms(use_true_random=False)
NAMES = st.sampled_from(
    ["guided", "uniform", "weighted", "weighted:1,0,4", "thompson", "single:ir"]
)


def play(chosen: Policy, costs: list[int], picks: random.Random) -> tuple[Slice, ...]:
    """Spend the costs one after the other, each on any level that the policy opens."""
    slices: list[Slice] = []
    for cost in costs:
        levels = chosen.levels(State(frozenset(Level), tuple(slices), 3))
        level = picks.choice(sorted(levels))
        slices.append(Slice(level, Amounts(tokens=cost), 1.0, 1.0))
    return tuple(slices)


@given(COSTS, PICKS)
def test_uniform_shares_differ_by_one_step_at_most(costs: list[int], picks: random.Random) -> None:
    """No level is ahead of another by more than the most expensive step."""
    spent = spent_by_level(play(policy("uniform"), costs, picks))
    assert max(spent.values()) - min(spent.values()) <= max(costs)


@given(COSTS, PICKS, st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)))
def test_weighted_shares_converge(
    costs: list[int], picks: random.Random, weights: tuple[int, int, int]
) -> None:
    """No level is ahead of its share, in its own measure, by more than the most expensive step."""
    slices = play(Weighted(*weights), costs, picks)
    spent = spent_by_level(slices)
    relative = [spent[level] / w for level, w in zip(Level, weights, strict=True)]
    assert max(relative) - min(relative) <= max(costs) / min(weights) + 1e-9


@given(NAMES, COSTS, st.sets(st.sampled_from(list(Level))), st.integers(0, 9), PICKS)
def test_only_levels_within_reach_are_opened(
    name: str, costs: list[int], levels: set[Level], seed: int, picks: random.Random
) -> None:
    """Whatever was spent before, a policy opens a subset of what can be worked on."""
    slices = tuple(
        Slice(picks.choice([*Level, None]), Amounts(tokens=c), 1.0, 1.0 + c % 3) for c in costs
    )
    assert policy(name).levels(State(frozenset(levels), slices, seed)) <= levels
