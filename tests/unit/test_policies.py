"""Policies: their names, and which levels they open."""

import pytest

from coopbench.agents.policies import Slice, State, policy, spent_by_level
from coopbench.agents.policies.weighted import Weighted
from coopbench.harness.base import Level
from coopbench.harness.errors import UsageError
from coopbench.harness.ledger import Amounts, Currency

ALL = frozenset(Level)


def spent(level: Level | None, tokens: int = 0, calls: int = 0, gain: float = 1.0) -> Slice:
    """Return a step that multiplied the best gain by `gain`."""
    return Slice(level, Amounts(tokens=tokens, model_calls=calls), 1.0, gain)


def state(*slices: Slice, levels: frozenset[Level] = ALL, seed: int = 1) -> State:
    """Return a state after some steps."""
    return State(levels, slices, seed)


@pytest.mark.parametrize(
    "name",
    ["guided", "uniform", "weighted:3,1,1", "thompson", "single:c", "single:ir", "single:asm"],
)
def test_a_policy_is_found_by_its_own_name(name: str) -> None:
    """Every policy can be made again from the name it gives itself."""
    assert policy(name).name == name


def test_weights_default_to_most_for_c() -> None:
    """Without an argument the C level gets three fifths."""
    assert policy("weighted") == Weighted(3, 1, 1)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("unifrom", "did you mean 'uniform'"),
        ("single", "single:c, single:ir, single:asm"),
        ("single:rust", "single:c, single:ir, single:asm"),
        ("guided:c", "takes no argument"),
        ("uniform:2", "takes no argument"),
        ("thompson:x", "takes no argument"),
        ("weighted:1,2", "three whole numbers"),
        ("weighted:a,b,c", "three whole numbers"),
        ("weighted:-1,1,1", "three whole numbers"),
        ("weighted:0,0,0", "at least one part"),
        ("__init__", "unknown name"),
    ],
)
def test_a_wrong_name_is_refused_with_the_remedy(name: str, message: str) -> None:
    """A typo or a bad argument is one UsageError that says what to write instead."""
    with pytest.raises(UsageError, match=message):
        policy(name)


def test_guided_leaves_everything_open() -> None:
    """The model decides, so all levels that can be worked on are open."""
    guided = policy("guided")
    assert guided.levels(state(spent(Level.C, 999))) == ALL
    assert guided.levels(state(levels=frozenset({Level.C}))) == {Level.C}


def test_single_opens_its_level_until_it_is_out_of_reach() -> None:
    """All goes to one level; if that cannot be worked on, nothing is open."""
    single = policy("single:asm")
    assert single.levels(state(spent(Level.ASM, 10_000))) == {Level.ASM}
    assert single.levels(state(levels=frozenset({Level.C, Level.IR}))) == frozenset()


def test_uniform_opens_the_levels_on_which_least_was_spent() -> None:
    """At first all are open; after that those that are behind, steps of no level apart."""
    uniform = policy("uniform")
    assert uniform.levels(state()) == ALL
    assert uniform.levels(state(spent(None, 500))) == ALL
    assert uniform.levels(state(spent(Level.C, 100))) == {Level.IR, Level.ASM}
    assert uniform.levels(state(spent(Level.C, 100), spent(Level.IR, 300))) == {Level.ASM}
    three = state(spent(Level.C, 100), spent(Level.IR, 300), spent(Level.ASM, 200))
    assert uniform.levels(three) == {Level.C}


def test_a_level_of_weight_zero_stays_closed() -> None:
    """A share of nothing is never behind."""
    assert Weighted(1, 0, 1).levels(state(spent(Level.C, 5))) == {Level.ASM}


def test_spending_is_counted_in_calls_and_steps_where_there_are_no_tokens() -> None:
    """A backend that tells no tokens is counted by its calls, a search without calls by steps."""
    calls = (spent(Level.C, calls=2), spent(Level.IR, calls=1))
    assert spent_by_level(calls)[Level.C] == 2
    steps = (spent(Level.C), spent(Level.C), spent(Level.IR))
    assert spent_by_level(steps)[Level.C] == 2
    both = (spent(Level.C, tokens=10, calls=1), spent(Level.IR, tokens=5, calls=9))
    assert spent_by_level(both)[Level.IR] == 5
    assert spent_by_level(both, Currency.MODEL_CALLS)[Level.IR] == 9


def test_thompson_is_a_function_of_seed_and_history() -> None:
    """The same seed and history draw the same level; other seeds draw others."""
    thompson = policy("thompson")
    past = (spent(Level.C, 100, gain=1.2), spent(Level.IR, 100))
    drawn = [thompson.levels(state(*past, seed=s)) for s in range(40)]
    assert drawn == [thompson.levels(state(*past, seed=s)) for s in range(40)]
    assert len(set(drawn)) == 3
    assert all(len(levels) == 1 for levels in drawn)


def test_thompson_prefers_the_level_that_gains_most_for_its_cost() -> None:
    """A level with gains is drawn most; of two with equal gains, the cheaper one."""
    thompson = policy("thompson")
    gains = [spent(Level.C, 100, gain=2.0), spent(Level.IR, 100), spent(Level.ASM, 100)] * 12
    first = [thompson.levels(state(*gains, seed=s)) for s in range(200)]
    assert first.count(frozenset({Level.C})) > 150
    cheap = [
        spent(Level.C, 1000, gain=1.4),
        spent(Level.IR, 50, gain=1.4),
        spent(Level.ASM, 1000, gain=1.4),
    ]
    second = [thompson.levels(state(*cheap * 12, seed=s)) for s in range(200)]
    assert second.count(frozenset({Level.IR})) > 150


def test_thompson_never_opens_a_level_that_is_out_of_reach() -> None:
    """Only levels that can be worked on are drawn, and none if there are none."""
    thompson = policy("thompson")
    only = frozenset({Level.ASM})
    assert {thompson.levels(state(levels=only, seed=s)) for s in range(20)} == {only}
    assert thompson.levels(state(levels=frozenset())) == frozenset()
