"""The classical mutation operators for C.

The sufficient set of Offutt, Lee, Rothermel, Untch and Zapf (1996), as far as C has it:
relational, arithmetic and logical operators; with bits, constants and statement deletion.

What decides whether a loop ends is left alone, as far as that shows in the text.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from coopbench.harness.mutation.syntax import (
    CHANGES,
    LOOPS,
    Edit,
    around,
    drives_a_loop,
    edit,
    steers,
    text,
    walk,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_SWAPS = {
    "relational": {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="},
    "arithmetic": {"+": "-", "-": "+", "*": "+", "/": "*", "%": "/"},
    "bits": {"&": "|", "|": "&", "^": "|", "<<": ">>", ">>": "<<"},
    "logical": {"&&": "||", "||": "&&"},
    "assignment": {"+=": "-=", "-=": "+=", "*=": "+=", "|=": "&=", "&=": "|=", "^=": "|="},
}
ORDER = frozenset({"<", "<=", ">", ">="})
"""Operators that compare by size."""
_BOUNDS = frozenset({"<", "<=", ">="})
"""Those that may change in a loop's condition; `> 0` as `>= 0` holds for ever if unsigned."""


def swapped(node: "Node") -> Iterator[Edit]:
    """Replace an operator by its neighbour; in a loop's condition only where it still ends."""
    sign = node.child_by_field_name("operator")
    if sign is None or (node.type in CHANGES and (steers(node) or drives_a_loop(node))):
        return
    for operator, table in _SWAPS.items():
        if text(sign) in table and (not steers(node) or text(sign) in _BOUNDS):
            yield edit(operator, sign, table[text(sign)])


def constant(node: "Node") -> Iterator[Edit]:
    """Change a number by one, double a fraction, give zero another sign."""
    if steers(node) or node.parent is None or node.parent.type == "case_statement":
        return
    number = text(node)
    digits = number.rstrip("uUlL")
    try:
        value = int(digits, 0)
    except ValueError:
        if number.lower().partition("e")[0].strip("0.f"):
            yield edit("constant", node, f"(2 * {number})")
        else:
            yield edit("constant", node, "1.0")
            yield edit("zero", node, f"-{number}")
        return
    for other in (value + 1, value - 1) if value > 0 else (value + 1,):
        yield edit("constant", node, f"{other}{number[len(digits) :]}")


def dropped(node: "Node") -> Iterator[Edit]:
    """Leave out a statement."""
    inner = node.named_children[0] if node.named_children else None
    if inner is None or inner.type not in {*CHANGES, "call_expression"}:
        return
    if inner.type == "call_expression" or not drives_a_loop(inner):
        yield edit("statement", node, ";")


def unchecked(node: "Node") -> Iterator[Edit]:
    """Leave out an `if` without `else`."""
    if node.child_by_field_name("alternative") is not None:
        return
    exits = {"break_statement", "goto_statement"}
    nearest = next((n for n in around(node) if n.type in LOOPS), None)
    if nearest is not None and nearest.child_by_field_name("update") is None:
        exits.add("return_statement")  # such a loop may have no other way to end
    if any(n.type in exits or (n.type in CHANGES and drives_a_loop(n)) for n in walk(node)):
        return
    yield edit("check", node, ";")


def exchanged(node: "Node") -> Iterator[Edit]:
    """Exchange the arms of a conditional expression."""
    yes, no = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
    if yes is not None and no is not None and not steers(node):
        yield edit("arms", yes, f"{text(no)} : {text(yes)}", upto=no)
