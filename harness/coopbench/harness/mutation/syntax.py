"""What mutation operators need to know of C's syntax tree."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

LOOPS = frozenset({"for_statement", "while_statement", "do_statement"})
CHANGES = frozenset({"assignment_expression", "update_expression"})
"""Expressions that write a variable."""


@dataclass(frozen=True)
class Edit:
    """A change of a source: bytes `start` to `end` become `new`."""

    operator: str
    start: int
    end: int
    new: str


def edit(operator: str, node: "Node", new: str, upto: "Node | None" = None) -> Edit:
    """Return the replacement of a node, or of all from it up to and with another."""
    return Edit(operator, node.start_byte, (upto or node).end_byte, new)


def parse(raw: bytes) -> "Node":
    """Return the root of the syntax tree of C source."""
    import tree_sitter_c
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_c.language())).parse(raw).root_node


def functions(root: "Node", name: str | None) -> "Iterator[Node]":
    """Yield the definitions of the functions of that name; None means of all."""
    for node in walk(root):
        if node.type == "function_definition":
            found: Node | None = node
            while found is not None and found.type != "identifier":
                found = found.child_by_field_name("declarator")
            if name is None or text(found) == name:
                yield node


def walk(root: "Node") -> "Iterator[Node]":
    """Yield a node and all within it, in the order of the text."""
    todo = [root]
    while todo:
        node = todo.pop()
        yield node
        todo.extend(reversed(node.children))


def around(node: "Node") -> "Iterator[Node]":
    """Yield the nodes that a node lies in, from the innermost to the root."""
    at = node.parent
    while at is not None:
        yield at
        at = at.parent


def text(node: "Node | None") -> str:
    """Return the source text of a node; empty if there is none."""
    return (node.text or b"").decode() if node is not None else ""


def names(node: "Node | None") -> frozenset[str]:
    """Return the identifiers within a node."""
    found = (n for n in walk(node) if n.type == "identifier") if node is not None else ()
    return frozenset(map(text, found))


def read_by_conditions(loops: "Iterator[Node]") -> frozenset[str]:
    """Return the identifiers that the conditions of loops read."""
    found = [names(n.child_by_field_name("condition")) for n in loops if n.type in LOOPS]
    return frozenset().union(*found)


def steers(node: "Node") -> bool:
    """Whether a node is part of a loop's condition or of its update."""
    at = node
    for outer in around(node):
        if outer.type in LOOPS:
            parts = (outer.child_by_field_name(f) for f in ("condition", "update"))
            return at in parts
        at = outer
    return False


def drives_a_loop(change: "Node") -> bool:
    """Whether an assignment or increment changes what a condition of a loop around it reads."""
    return bool(_written(change) & read_by_conditions(around(change)))


def declared(declaration: "Node") -> frozenset[str]:
    """Return the variables that a declaration makes, without those that it reads."""
    found = set()
    for node in declaration.children_by_field_name("declarator"):
        inner: Node | None = node
        while inner is not None and inner.type != "identifier":
            inner = inner.child_by_field_name("declarator")
        found.add(text(inner))
    return frozenset(found)


def _written(change: "Node") -> frozenset[str]:
    """Return the variable that an assignment or increment writes to, without its indices."""
    node = change.child_by_field_name("left") or change.child_by_field_name("argument")
    while node is not None and node.type in {"subscript_expression", "field_expression"}:
        node = node.child_by_field_name("argument")
    return names(node)
