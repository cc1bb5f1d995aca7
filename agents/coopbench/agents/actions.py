"""What the guide can do: its actions as types, read strictly from its answers, and their limits."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from coopbench.agents.protocol.recipe_edits import (
    codegen_option_objection,
    pass_option_objection,
    pipeline_objection,
)
from coopbench.agents.tree import Tree
from coopbench.harness.base import Frozen, Level

Insight = Literal["remarks", "throughput", "disassembly", "hot_blocks", "cost"]
"""What can be looked at."""

_Text = Annotated[str, Field(max_length=600)]
_Name = Annotated[str, Field(max_length=40)]
_Options = Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=16)]
_Pipeline = Annotated[str, Field(min_length=1, max_length=1000)]


class Rewrite(Frozen):
    """A level agent rewrites a candidate at its level; one of a higher level is lowered first."""

    action: Literal["rewrite"] = "rewrite"
    level: Level
    parent: _Name
    hint: _Text = ""
    """What the agent should try; may be empty."""
    attempts: Annotated[int, Field(ge=1, le=4, strict=True)] = 2


class Lower(Frozen):
    """The compiler turns a candidate into text of a lower level."""

    action: Literal["lower"] = "lower"
    parent: _Name
    to: Literal[Level.IR, Level.ASM]
    passes: _Pipeline | None = None
    """A pipeline in place of the candidate's own; None: as it would be built anyway."""


class Passes(Frozen):
    """The compiler optimizes a candidate by another pipeline."""

    action: Literal["passes"] = "passes"
    parent: _Name
    passes: _Pipeline
    options: _Options = ()


class Codegen(Frozen):
    """The compiler generates a candidate's machine code with other options."""

    action: Literal["codegen"] = "codegen"
    parent: _Name
    options: Annotated[_Options, Field(min_length=1)]


class Inspect(Frozen):
    """A tool tells about a candidate."""

    action: Literal["inspect"] = "inspect"
    parent: _Name
    what: Insight


class MoreTests(Frozen):
    """The test agent proposes further visible tests."""

    action: Literal["test"] = "test"
    focus: Literal["correctness", "performance"] = "correctness"
    hint: _Text = ""
    """What the tests should probe; may be empty."""


class Finish(Frozen):
    """The search ends; the best verified candidate is handed in."""

    action: Literal["finish"] = "finish"
    reason: _Text = ""


Action = Rewrite | Lower | Passes | Codegen | Inspect | MoreTests | Finish

_CLASSES: tuple[type[Action], ...] = (Rewrite, Lower, Passes, Codegen, Inspect, MoreTests, Finish)
ACTIONS: Mapping[str, type[Action]] = {c.model_fields["action"].default: c for c in _CLASSES}
"""All actions by name."""

_ADAPTER: TypeAdapter[Action] = TypeAdapter(Annotated[Action, Field(discriminator="action")])
_ORDER = (Level.C, Level.IR, Level.ASM)


def parse_action(data: Mapping[str, JsonValue]) -> Action | str:
    """Read an action from JSON.

    Returns:
        The action, or one line that says what is wrong with it.
    """
    name = data.get("action")
    if not isinstance(name, str) or name not in ACTIONS:
        shown = "is missing" if name is None else f"{_short(name)} is unknown"
        return f'"action" {shown}; choose one of {", ".join(ACTIONS)}'
    try:
        return _ADAPTER.validate_python(dict(data))
    except ValidationError as e:
        first = e.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part)[:40] for part in first["loc"][1:]) or "the action"
        known = ", ".join(ACTIONS[name].model_fields)
        return f"{name}: {where}: {first['msg']} (fields: {known})"


def level_of(action: Action) -> Level | None:
    """Return the level that an action spends the budget on, None if none in particular."""
    match action:
        case Rewrite():
            return action.level
        case Lower():
            return action.to if action.passes is None else Level.IR
        case Passes():
            return Level.IR
        case Codegen():
            return Level.ASM
        case _:
            return None


def unknown_parent(action: Action, tree: Tree) -> str | None:
    """Return what is wrong if an action names a candidate that does not exist."""
    if isinstance(action, MoreTests | Finish) or action.parent in tree:
        return None
    return f"there is no candidate {_short(action.parent)}; the last one is n{len(tree) - 1}"


def refusal(action: Action, tree: Tree, open_levels: frozenset[Level]) -> str | None:
    """Return why a well-formed action cannot be done now, one line; None if it can."""
    level = level_of(action)
    if level is not None and level not in open_levels:
        names = ", ".join(x.value for x in _ORDER if x in open_levels) or "none"
        return f"this would be spent on level {level.value}, but open now: {names}"
    match action:
        case Rewrite() | Lower() | Passes() | Codegen():
            return _unusable_parent(action, tree) or _options_refusal(action)
        case _:
            return None


def _unusable_parent(action: Rewrite | Lower | Passes | Codegen, tree: Tree) -> str | None:
    node = tree[action.parent]
    at = _ORDER.index(node.level)
    if not node.verified:
        return f"{node.id} did not pass its tests ({node.state}); choose a candidate that is ok"
    if isinstance(action, Rewrite) and _ORDER.index(action.level) < at:
        return f"{node.id} is at level {node.level.value}; {action.level.value} lies above it"
    if isinstance(action, Lower) and _ORDER.index(action.to) <= at:
        return f"{node.id} is at level {node.level.value}; {action.to.value} is not below it"
    if isinstance(action, Passes | Codegen) and node.level is Level.ASM:
        return f"{node.id} is assembly, which {action.action} cannot change"
    return None


def _options_refusal(action: Rewrite | Lower | Passes | Codegen) -> str | None:
    match action:
        case Lower():
            return pipeline_objection(action.passes) if action.passes else None
        case Passes():
            objections = (pass_option_objection(option) for option in action.options)
            return pipeline_objection(action.passes) or next(filter(None, objections), None)
        case Codegen():
            objections = (codegen_option_objection(option) for option in action.options)
            return next(filter(None, objections), None)
        case _:
            return None


def _short(value: object) -> str:
    if not isinstance(value, str | int):
        return f"({type(value).__name__})"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 42 else f"{text[:42]}…"
