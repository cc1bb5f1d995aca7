"""The guide's actions: read strictly, and refused with a reason where they do not fit."""

from dataclasses import replace

import pytest
from pydantic import JsonValue

from coopbench.agents.actions import (
    ACTIONS,
    Action,
    Codegen,
    Finish,
    Inspect,
    Lower,
    MoreTests,
    Passes,
    Rewrite,
    level_of,
    parse_action,
    refusal,
    unknown_parent,
)
from coopbench.agents.rule import Rule
from coopbench.agents.tree import Node, Tree
from coopbench.harness.base import Level
from coopbench.harness.model import Candidate, Outcome, Recipe, Verdict

ALL = frozenset(Level)
RIGHT = Verdict(outcome=None, reason="passed", evidence=())
WRONG = Verdict(outcome=Outcome.WRONG_OUTPUT, reason="out[0] differs", evidence=())


def tree() -> Tree:
    """Return an original n0, and from it n1 in IR, n2 in assembly, and n3 in C, which is wrong."""
    made = Tree()
    levels = (Level.C, Level.IR, Level.ASM, Level.C)
    for number, level in enumerate(levels):
        text = {f"kernel{level.suffix}": str(number)}
        candidate = Candidate(benchmark="b", level=level, files=text, recipe=Recipe(), made_by="t")
        parent = "n0" if number else None
        node = Node(f"n{number}", candidate, parent, "rewrite", "c", verdict=RIGHT)
        made.add(node if number < 3 else replace(node, verdict=WRONG))
    return made


@pytest.mark.parametrize(
    ("data", "action", "level"),
    [
        (
            {"action": "rewrite", "level": "ir", "parent": "n0", "hint": "h", "attempts": 3},
            Rewrite(level=Level.IR, parent="n0", hint="h", attempts=3),
            Level.IR,
        ),
        (
            {"action": "rewrite", "level": "c", "parent": "n1"},
            Rewrite(level=Level.C, parent="n1"),
            Level.C,
        ),
        (
            {"action": "lower", "parent": "n0", "to": "asm"},
            Lower(parent="n0", to=Level.ASM),
            Level.ASM,
        ),
        (
            {"action": "lower", "parent": "n0", "to": "asm", "passes": "default<O2>"},
            Lower(parent="n0", to=Level.ASM, passes="default<O2>"),
            Level.IR,
        ),
        (
            {"action": "passes", "parent": "n0", "passes": "default<O1>", "options": ["-a=1"]},
            Passes(parent="n0", passes="default<O1>", options=("-a=1",)),
            Level.IR,
        ),
        (
            {"action": "codegen", "parent": "n0", "options": ["-align-loops=32"]},
            Codegen(parent="n0", options=("-align-loops=32",)),
            Level.ASM,
        ),
        (
            {"action": "inspect", "parent": "n0", "what": "cost"},
            Inspect(parent="n0", what="cost"),
            None,
        ),
        (
            {"action": "test", "focus": "performance", "hint": "n = 0"},
            MoreTests(focus="performance", hint="n = 0"),
            None,
        ),
        ({"action": "finish", "reason": "done"}, Finish(reason="done"), None),
    ],
)
def test_every_action_is_read(
    data: dict[str, JsonValue], action: Action, level: Level | None
) -> None:
    """The documented JSON of each action becomes that action, spent on the right level."""
    found = parse_action(data)
    assert not isinstance(found, str), found
    assert found == action
    assert level_of(found) is level


def test_the_list_of_actions_is_complete() -> None:
    """The seven actions are known by the names that the prompt gives them."""
    assert set(ACTIONS) == {"rewrite", "lower", "passes", "codegen", "inspect", "test", "finish"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, '"action" is missing; choose one of rewrite, lower'),
        ({"action": "optimise"}, "'optimise' is unknown; choose one of rewrite"),
        ({"action": ["rewrite"]}, "choose one of rewrite"),
        ({"action": "rewrite", "parent": "n0"}, "rewrite: level: Field required (fields: action"),
        ({"action": "rewrite", "level": "rust", "parent": "n0"}, "rewrite: level: Input should be"),
        (
            {"action": "rewrite", "level": "c", "parent": 0},
            "rewrite: parent: Input should be a valid",
        ),
        ({"action": "rewrite", "level": "c", "parent": "n0", "attempts": 5}, "rewrite: attempts"),
        ({"action": "rewrite", "level": "c", "parent": "n0", "attempts": "2"}, "rewrite: attempts"),
        ({"action": "rewrite", "level": "c", "parent": "n0", "code": "x"}, "rewrite: code: Extra"),
        ({"action": "lower", "parent": "n0", "to": "c"}, "lower: to: Input should be"),
        ({"action": "codegen", "parent": "n0", "options": []}, "codegen: options"),
        ({"action": "passes", "parent": "n0", "passes": ""}, "passes: passes"),
        ({"action": "inspect", "parent": "n0", "what": "source"}, "inspect: what: Input should be"),
        ({"action": "test", "hint": "x" * 601}, "test: hint: String should have at most 600"),
    ],
)
def test_a_wrong_action_is_refused_in_one_line(data: dict[str, JsonValue], message: str) -> None:
    """What is unknown, missing or out of range is named, with what would be right."""
    found = parse_action(data)
    assert isinstance(found, str)
    assert message in found
    assert "\n" not in found
    assert len(found) < 300


def test_a_parent_must_exist() -> None:
    """A candidate that is not in the tree is named, with the last one that is."""
    problem = unknown_parent(Rewrite(level=Level.C, parent="n9"), tree())
    assert problem == "there is no candidate 'n9'; the last one is n3"
    assert unknown_parent(Finish(), tree()) is None
    assert unknown_parent(Inspect(parent="n3", what="cost"), tree()) is None


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (Rewrite(level=Level.C, parent="n1"), "n1 is at level ir; c lies above it"),
        (Rewrite(level=Level.C, parent="n3"), "n3 did not pass its tests (wrong_output)"),
        (Lower(parent="n1", to=Level.IR), "n1 is at level ir; ir is not below it"),
        (Lower(parent="n0", to=Level.IR, passes="rm -rf"), "unexpected"),
        (Passes(parent="n2", passes="default<O3>"), "n2 is assembly, which passes cannot change"),
        (Passes(parent="n0", passes="print<loops>"), "print"),
        (Passes(parent="n0", passes="default<O3>", options=("-load=x",)), "-load"),
        (Codegen(parent="n2", options=("-O2",)), "n2 is assembly, which codegen cannot change"),
        (Codegen(parent="n0", options=("-o=/etc/passwd",)), "-o"),
    ],
)
def test_an_action_that_cannot_be_done_is_refused(action: Action, message: str) -> None:
    """Wrong parents, levels and options each have their reason."""
    assert message in (refusal(action, tree(), ALL) or "")


@pytest.mark.parametrize(
    "action",
    [
        Rewrite(level=Level.ASM, parent="n0"),
        Rewrite(level=Level.ASM, parent="n2"),
        Lower(parent="n1", to=Level.ASM),
        Lower(parent="n0", to=Level.IR, passes="default<O2>"),
        Passes(parent="n1", passes="default<O3>"),
        Codegen(parent="n1", options=("-align-loops=32",)),
        Inspect(parent="n3", what="cost"),
        MoreTests(),
        Finish(),
    ],
)
def test_an_action_that_fits_is_not_refused(action: Action) -> None:
    """Whatever can be done is allowed as long as its level is open."""
    assert refusal(action, tree(), ALL) is None


def test_an_action_on_a_closed_level_is_refused() -> None:
    """What the policy does not open cannot be spent on; looking, testing and ending always can."""
    only_c = frozenset({Level.C})
    closed = refusal(Codegen(parent="n0", options=("-O2",)), tree(), only_c)
    assert closed == "this would be spent on level asm, but open now: c"
    assert refusal(Inspect(parent="n0", what="remarks"), tree(), only_c) is None
    assert refusal(Finish(), tree(), frozenset()) is None


@pytest.mark.parametrize("level", list(Level))
def test_the_rule_knows_nothing_that_would_be_refused(level: Level) -> None:
    """All that the rule has on its list for a level can be done on a tree that allows it."""
    seen = []
    for only in (level, *Level):
        rule = Rule(tree(), tested=True)
        for _ in range(12):
            action = rule.action(frozenset({only}))
            if isinstance(action, Finish):
                break
            assert refusal(action, tree(), frozenset({only})) is None
            seen.append(action)
    expected = {Level.C: 4, Level.IR: 6, Level.ASM: 4}
    assert sum(level_of(a) is level for a in seen) == 2 * expected[level]
