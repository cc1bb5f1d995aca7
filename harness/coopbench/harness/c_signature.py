"""What a C file says of one function: its result, its parameters, and names for types."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coopbench.harness.errors import UsageError

if TYPE_CHECKING:
    from tree_sitter import Node

_MOST_TYPEDEFS = 50
"""Longest chain of typedefs that is followed."""


@dataclass(frozen=True)
class CParameter:
    """A parameter as it is written, typedefs followed."""

    text: str
    name: str
    type: str
    """Its type's words in their usual order, without qualifiers; of an array, its elements'."""
    stars: int
    """Number of pointers and arrays around that type."""
    const: bool
    """Whether that type is const: what a pointer points to, not the pointer."""
    restrict: bool
    plain: bool
    """Whether it is a number, a pointer or an array: no function, no `...`."""


@dataclass(frozen=True)
class CFunction:
    """A function as it is defined."""

    returns: str
    """Its result's type, typedefs followed."""
    parameters: tuple[CParameter, ...]


def read_function(source: str, function: str, headers: Iterable[str] = ()) -> CFunction:
    """Read a function's definition.

    Args:
        source: The C file it is defined in; not preprocessed.
        function: Its name.
        headers: Texts of headers, for their typedefs.

    Raises:
        UsageError: if there is no such function, or it cannot be called from elsewhere.
        ValueError: if its signature cannot be told from the text; the message says why.
    """
    root = parse_c(source)
    names = {}
    for node in (root, *map(parse_c, headers)):
        names.update(_typedefs(node))
    node = _definition(root, function)
    declarator = node.child_by_field_name("declarator")
    if declarator is None or declarator.type != "function_declarator":
        pointer = declarator is not None and declarator.type == "pointer_declarator"
        raise ValueError("it returns a pointer" if pointer else "its head is made by a macro")
    if any(_text(c) == "static" for c in node.children if c.type == "storage_class_specifier"):
        raise UsageError(f"{function!r} is static; remove `static`, so that it can be called")
    listed = declarator.child_by_field_name("parameters")
    nodes = () if listed is None else tuple(listed.named_children)
    kept = [n for n in nodes if n.type != "comment" and _text(n) != "void"]
    if any(n.type == "identifier" for n in kept):
        raise ValueError("it has an old-style definition, without types between its parentheses")
    returns = _resolved(_words(_text(node.child_by_field_name("type"))), names)
    return CFunction(returns, tuple(_parameter(n, names) for n in kept))


def _definition(root: "Node", function: str) -> "Node":
    names: list[str] = []
    for node in walk(root):
        if node.type == "function_definition":
            names.append(name_of(node.child_by_field_name("declarator")))
            if names[-1] == function:
                return node
    known = ", ".join(names) or "none"
    raise UsageError(f"no function {function!r} is defined in this file; functions: {known}")


def _parameter(node: "Node", names: dict[str, str]) -> CParameter:
    declarator = node.child_by_field_name("declarator")
    inner = [n.type for n in walk(declarator)]
    qualifiers = [_text(n) for n in walk(node) if n.type == "type_qualifier"]
    return CParameter(
        text=" ".join(_text(node).split()),
        name=name_of(declarator),
        type=_resolved(_words(_text(node.child_by_field_name("type"))), names),
        stars=sum(t in ("pointer_declarator", "array_declarator") for t in inner),
        const=any(_text(n) == "const" for n in node.children if n.type == "type_qualifier"),
        restrict=any("restrict" in q for q in qualifiers),
        plain=node.type == "parameter_declaration" and not any("function" in t for t in inner),
    )


def _typedefs(root: "Node") -> dict[str, str]:
    """Return what names stand for that are no more than other words for a type."""
    found = {}
    for node in walk(root):
        if node.type != "type_definition":
            continue
        if any(c.type == "type_qualifier" for c in node.children):
            continue
        for declarator in node.children_by_field_name("declarator"):
            if declarator.type in ("type_identifier", "primitive_type"):
                found[_text(declarator)] = _words(_text(node.child_by_field_name("type")))
    return found


def _resolved(name: str, names: dict[str, str]) -> str:
    for _ in range(_MOST_TYPEDEFS):
        if name not in names:
            break
        name = names[name]
    return name


def parse_c(source: str) -> "Node":
    """Return the root of a C text's syntax tree."""
    import tree_sitter_c
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_c.language())).parse(source.encode()).root_node


def walk(node: "Node | None") -> Iterator["Node"]:
    """Yield a node and all below it, in the order of the text."""
    todo: list[Any] = [node] if node is not None else []
    while todo:
        current = todo.pop()
        yield current
        todo.extend(reversed(current.children))


def name_of(declarator: "Node | None") -> str:
    """Return the name that a declarator declares; empty if it has none."""
    return next((_text(n) for n in walk(declarator) if n.type == "identifier"), "")


def _words(text: str) -> str:
    """Return a type's words in their usual order: `long unsigned int` is `unsigned long`."""
    words = text.split()
    if len(words) > 1:
        words = [w for w in words if w != "int"] or ["int"]
        words.sort(key=lambda w: w not in ("signed", "unsigned"))
        if words[0] == "signed" and words[1:] != ["char"]:
            words = words[1:] or ["int"]
    return " ".join(words)


def _text(node: "Node | None") -> str:
    return "" if node is None or node.text is None else node.text.decode()
