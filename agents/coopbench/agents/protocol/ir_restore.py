"""Gives the lines that an answer kept their metadata and attribute groups back.

What the model does not see it cannot keep true. So metadata returns only to lines whose meaning
cannot have changed with the rest: facts about types to accesses through unchanged pointers,
hints about branches to branches that lead where they led, facts about values only if nothing
but labels was changed.
"""

import re

from coopbench.agents.protocol.ir_function import IrFunction
from coopbench.agents.protocol.ir_lines import Line, locals_in, matched
from coopbench.agents.protocol.ir_text import NAME

_OF_POINTERS = frozenset({"!tbaa", "!tbaa.struct", "!noalias", "!alias.scope"})
_OF_BRANCHES = frozenset({"!llvm.loop", "!prof", "!unpredictable"})
_POINTER = re.compile(rf"\bptr\s+(?:[a-z]\w*(?:\([^()]*\))?\s+|\d+\s+)*(%{NAME})")
_LOCAL = re.compile(rf"%{NAME}")
_MOVES_POINTER = re.compile(
    r"=\s*(getelementptr|phi ptr|select\b.*\bptr\b|freeze ptr|addrspacecast)"
)
_MOST_ROUNDS = 50


def restored(before: IrFunction, after: IrFunction) -> list[str]:
    """Return the text of a new body's lines, with what could be restored.

    Args:
        before: The function that the model was shown.
        after: The one that it answered with.
    """
    old, new = before.lines, after.lines
    pairs = matched(old, new)
    names_kept = [p.name for p in before.header.parameters] == [
        p.name for p in after.header.parameters
    ]
    same = names_kept and len(pairs) == len(old) == len(new)
    changed = frozenset() if same else _changed_pointers(before, after, pairs)
    names = _label_names(old, new, pairs)
    lines = [
        _written(line, old[pairs[i]], changed, names, same=same) if i in pairs else line.code
        for i, line in enumerate(new)
    ]
    return [*lines, *(_orders(before, names) if same else ())]


def _orders(before: IrFunction, names: dict[str, str]) -> list[str]:
    """Return the orders of uses, which hold only if nothing but labels was changed."""
    renamed = {theirs: mine for mine, theirs in names.items()}
    return [f"  {_relabelled(line, renamed)}" for line in before.orders]


def _written(
    line: Line, source: Line, changed: frozenset[str], moved: dict[str, str], *, same: bool
) -> str:
    text = line.code
    if source.groups and text.endswith(")"):
        text += f" {source.groups}"
    pointers = set(_POINTER.findall(line.code))
    steady = not pointers & changed
    leads = _relabelled(line.plain, moved) == source.plain
    for kind, value in source.metadata:
        if kind in _OF_POINTERS:
            keep = steady
        elif kind in _OF_BRANCHES:
            keep = leads
        else:
            keep = same
        text += f", {kind} {value}" if keep else ""
    return text


def _label_names(old: list[Line], new: list[Line], pairs: dict[int, int]) -> dict[str, str]:
    """Return what the labels of the new body were called in the old one, with `%`."""
    names = {line.label: line.label for line in new if line.label is not None}
    for i, j in pairs.items():
        mine, theirs = new[i].label, old[j].label
        if mine is not None and theirs is not None:
            names[mine] = theirs
    return {f"%{mine}": f"%{theirs}" for mine, theirs in names.items()}


def _relabelled(text: str, names: dict[str, str]) -> str:
    return _LOCAL.sub(lambda m: names.get(m[0], m[0]), text)


def _changed_pointers(
    before: IrFunction, after: IrFunction, pairs: dict[int, int]
) -> frozenset[str]:
    """Return the values that are not what they were, or are pointers made from such."""
    old, new = before.lines, after.lines
    params = zip(before.header.parameters, after.header.parameters, strict=True)
    changed = {name for b, a in params if b.name != a.name for name in (b.name, a.name)}
    changed |= {d for i, line in enumerate(new) if i not in pairs and (d := line.defines)}
    changed |= _lost(old, pairs)
    moves = [line for line in new if line.defines and _MOVES_POINTER.search(line.plain)]
    for _ in range(_MOST_ROUNDS):
        more = {line.defines for line in moves if _touched(line, changed)} - changed
        if not more:
            return frozenset(changed)
        changed |= {name for name in more if name}
    return frozenset(locals_in("\n".join(line.code for line in new)))


def _lost(old: list[Line], pairs: dict[int, int]) -> set[str]:
    """Return the values whose old definition has no counterpart; their names may be reused."""
    kept = set(pairs.values())
    return {d for i, line in enumerate(old) if i not in kept and (d := line.defines)}


def _touched(line: Line, changed: set[str]) -> bool:
    if "= getelementptr" in line.plain:
        return any(name in changed for name in _POINTER.findall(line.plain))
    return any(name in changed for name in locals_in(line.plain)[1:])
