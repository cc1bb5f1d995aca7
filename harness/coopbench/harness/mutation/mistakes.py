"""Mutation operators that make the mistakes of those who optimize.

A bound off by one, a loop run backwards, a tail left over, a type too narrow or of the other
sign, the empty case forgotten, NaN compared as if it had an order, pointers taken for distinct.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from coopbench.harness.mutation.operators import ORDER
from coopbench.harness.mutation.syntax import (
    Edit,
    around,
    declared,
    edit,
    read_by_conditions,
    steers,
    text,
    walk,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_TYPES = {
    "double": "float",
    "float": "int",
    "int": "short",
    "long": "int",
    "size_t": "uint32_t",
    "uint64_t": "uint32_t",
    "uint32_t": "uint16_t",
    "uint16_t": "uint8_t",
    "uint8_t": "int8_t",
    "int64_t": "int32_t",
    "int32_t": "int16_t",
    "int16_t": "int8_t",
    "int8_t": "uint8_t",
}
"""What a local variable's type becomes: too narrow, or of the other sign."""
_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_LITERALS = frozenset({"number_literal", "char_literal"})


def recompared(node: "Node") -> Iterator[Edit]:
    """Compare as signed numbers, or by the opposite: the same but for large ones, and for NaN."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    sign = text(node.child_by_field_name("operator"))
    literal = {n.type for n in (left, right) if n is not None} & _LITERALS
    if sign in ORDER and not literal and not steers(node):
        a, b = text(left), text(right)
        yield edit("signedness", node, f"(int)({a}) {sign} (int)({b})")
        yield edit("unordered", node, f"!(({a}) {_NEGATED[sign]} ({b}))")


def short(node: "Node") -> Iterator[Edit]:
    """Leave out the last round of a loop."""
    condition = node.child_by_field_name("condition")
    while condition is not None and condition.type == "parenthesized_expression":
        condition = condition.named_children[0]
    left = condition.child_by_field_name("left") if condition is not None else None
    sign = condition.child_by_field_name("operator") if condition is not None else None
    if left is not None and text(sign) in {"<", "<="}:
        yield edit("bound", left, f"{text(left)} + 1")


def backwards(node: "Node") -> Iterator[Edit]:
    """Run `for (T i = 0; i < n; i++)` from its end."""
    start, condition, update, body = (
        node.child_by_field_name(f) for f in ("initializer", "condition", "update", "body")
    )
    if start is None or condition is None or body is None:
        return
    declared = start.child_by_field_name("declarator")
    if start.type != "declaration" or declared is None:
        return
    index = text(declared.child_by_field_name("declarator"))
    bound = text(condition.child_by_field_name("right"))
    upwards = text(update) in {f"{index}++", f"++{index}"}
    from_zero = text(declared.child_by_field_name("value")) == "0"
    if upwards and from_zero and text(condition) == f"{index} < {bound}":
        kind = text(start.child_by_field_name("type"))
        head = f"for ({kind} {index} = {bound}; {index}-- > 0;) "
        yield Edit("order", node.start_byte, body.start_byte, head)


def retyped(node: "Node") -> Iterator[Edit]:
    """Declare a variable too narrow or of the other sign, unless a loop counts by it."""
    kind = node.child_by_field_name("type")
    if kind is None or text(kind) not in _TYPES:
        return
    function = next(n for n in around(node) if n.type == "function_definition")
    if not declared(node) & read_by_conditions(walk(function)):
        yield edit("type", kind, _TYPES[text(kind)])


def aliasing(function: "Node") -> Iterator[Edit]:
    """Promise that the parameters point to distinct arrays."""
    parameters = _parameters(function)
    old = text(parameters)
    if parameters is not None and old.count("*") > 1 and "restrict" not in old:
        yield edit("aliasing", parameters, old.replace("*", "*restrict "))


def sizes(function: "Node") -> Iterator[Edit]:
    """Treat a number that bounds a loop as a blocked, hasty or narrow version would."""
    body = function.child_by_field_name("body")
    parameters = _parameters(function)
    if body is None or parameters is None:
        return
    bounds = read_by_conditions(walk(body))
    for parameter in parameters.named_children:
        name = parameter.child_by_field_name("declarator")
        if name is None or name.type != "identifier" or text(name) not in bounds:
            continue
        n = text(name)
        for operator, statement in (
            ("tail", f"{n} -= {n} % 8;"),
            ("tail", f"{n} -= {n} % 4;"),
            ("empty", f"if ({n} == 0) {n} = 1;"),
            ("width", f"{n} = (unsigned short)({n});"),
        ):
            at = body.start_byte + 1
            yield Edit(operator, at, at, f" {statement}")


def _parameters(function: "Node") -> "Node | None":
    declarator = function.child_by_field_name("declarator")
    return declarator.child_by_field_name("parameters") if declarator is not None else None
