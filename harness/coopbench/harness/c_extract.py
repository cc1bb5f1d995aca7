"""Leaves out of a C file what one function does not need, and puts it back afterwards.

A user's file often holds more than the function that is to be faster: a `main`, output, other
functions. A kernel may not print, and an optimizer need not read what plays no part.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coopbench.harness.c_signature import name_of, parse_c, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class LeftOut:
    """A function that was left out."""

    name: str
    text: str

    @property
    def mark(self) -> str:
        """The comment that stands in its place."""
        return f"/* {self.name} is left out here */"

    @property
    def filler(self) -> str:
        """What stands in its place: as many lines as it has, so that all others keep theirs."""
        return self.mark + "\n" * self.text.count("\n")


@dataclass(frozen=True)
class Extract:
    """A C file without what one of its functions does not need."""

    text: str
    parts: tuple[LeftOut, ...] = ()
    """What was left out, in the order of the file."""

    def whole(self, text: str) -> str:
        """Return a version of the extract with everything put back, at the end if need be."""
        for part in self.parts:
            if part.filler in text:
                text = text.replace(part.filler, part.text, 1)
            elif part.mark in text:
                text = text.replace(part.mark, part.text, 1)
            else:
                text = f"{text}\n{part.text}\n"
        return text


def leave_out(source: str, function: str, headers: Iterable[str] = ()) -> Extract:
    """Leave out the functions that one does not need.

    Whatever might need a function keeps it: macros, tables, conditional code, headers' inline
    functions. A file that does not parse is left as it is.

    Args:
        source: A C file, not preprocessed.
        function: The function that is needed.
        headers: Texts of the headers beside it.
    """
    root = parse_c(source)
    defined = [n for n in root.children if n.type == "function_definition"]
    by_name = {name_of(n.child_by_field_name("declarator")): n for n in defined}
    if root.has_error or function not in by_name or len(by_name) != len(defined):
        return Extract(source)
    needed = _needed(by_name, [function, *_outside([root, *map(parse_c, headers)])])
    data = source.encode()
    parts = []
    for name, node in reversed(by_name.items()):
        if name not in needed:
            part = LeftOut(name, data[node.start_byte : node.end_byte].decode())
            data = data[: node.start_byte] + part.filler.encode() + data[node.end_byte :]
            parts.append(part)
    if any(part.mark in source for part in parts):
        return Extract(source)
    return Extract(data.decode(), tuple(reversed(parts)))


def _needed(by_name: dict[str, "Node"], roots: Iterable[str]) -> set[str]:
    needed: set[str] = set()
    todo = [name for name in roots if name in by_name]
    while todo:
        name = todo.pop()
        if name not in needed:
            needed.add(name)
            todo += [other for other in _names(by_name[name]) if other in by_name]
    return needed


def _outside(roots: Iterable["Node"]) -> Iterator[str]:
    """Yield the names in all that is neither comment nor a mere declaration of a function.

    Only the first root is the file itself, whose top-level functions do not count.
    """
    for number, root in enumerate(roots):
        for node in root.children:
            if node.type == "comment" or (number == 0 and node.type == "function_definition"):
                continue
            if node.type != "declaration" or not _is_prototype(node):
                yield from _names(node)


def _is_prototype(node: "Node") -> bool:
    return all(
        child.type == "function_declarator"
        or (child.type == "pointer_declarator" and "function_declarator" in _types(child))
        for child in node.children_by_field_name("declarator")
    )


def _types(node: "Node") -> set[str]:
    return {n.type for n in walk(node)}


def _names(node: "Node") -> set[str]:
    """Return all words of a text but for its comments; macro bodies are not parsed further."""
    found: set[str] = set()
    for n in walk(node):
        if not n.children and n.type != "comment" and n.text is not None:
            found |= set(_NAME.findall(n.text.decode()))
    return found
