"""What a step changed: unified differences between a candidate and its parent."""

import difflib
import json
from dataclasses import dataclass
from typing import Literal

from coopbench.reports import wording
from coopbench.reports.trajectory.story import Node

MOST_LINES = 4000
"""Longer texts are not compared: the time would grow with the square."""
_KINDS: dict[str, "Sign"] = {"+": "add", "-": "del", "@": "hunk"}

Sign = Literal["add", "del", "hunk", "same", "file"]


@dataclass(frozen=True)
class DiffLine:
    """A line of a difference."""

    sign: Sign
    text: str
    """With its sign in front, as `diff -u` writes it."""


@dataclass(frozen=True)
class Difference:
    """What changed from parent to child."""

    lines: tuple[DiffLine, ...]
    note: str
    """Why there are no lines; empty if there are."""

    @property
    def added(self) -> int:
        """Number of lines that came."""
        return sum(line.sign == "add" for line in self.lines)

    @property
    def removed(self) -> int:
        """Number of lines that went."""
        return sum(line.sign == "del" for line in self.lines)


def difference(parent: Node | None, child: Node) -> Difference:
    """Compare a candidate's files and recipe with its parent's."""
    if parent is None:
        return Difference((), "nothing to compare with: the search begins here")
    if not child.files or not parent.files:
        return Difference((), "the log has no text to compare")
    if parent.level is not child.level:
        names = (wording.level_name(n.level) for n in (parent, child))
        return Difference((), f"another level: {' to '.join(names)}, so no line is where it was")
    lines: list[DiffLine] = []
    for name, old, new in _pairs(parent, child):
        if max(old.count("\n"), new.count("\n")) > MOST_LINES:
            return Difference((), f"{name} is too long to compare")
        lines += _compared(name, old, new)
    return Difference(tuple(lines), "" if lines else "no difference in text or recipe")


def _pairs(parent: Node, child: Node) -> list[tuple[str, str, str]]:
    names = dict.fromkeys((*parent.files, *child.files))
    pairs = [(n, parent.files.get(n, ""), child.files.get(n, "")) for n in names]
    recipes = [json.dumps(dict(n.recipe), indent=1, sort_keys=True) for n in (parent, child)]
    return [*pairs, ("recipe", recipes[0], recipes[1])]


def _compared(name: str, old: str, new: str) -> list[DiffLine]:
    if old == new:
        return []
    found = list(difflib.unified_diff(_lines(old), _lines(new), lineterm="", n=3))
    return [
        DiffLine("file", name),
        *(DiffLine(_KINDS.get(line[:1], "same"), line) for line in found[2:]),
    ]


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []
