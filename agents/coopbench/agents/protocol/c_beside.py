"""What a C answer may bring along beside its function."""

from typing import TYPE_CHECKING

from coopbench.agents.protocol.c_file import CFile
from coopbench.agents.protocol.c_rules import directive_objection, without_comments
from coopbench.agents.protocol.c_tree import (
    declared,
    defined_names,
    find,
    function_type,
    is_conditional,
    specifiers,
    text_of,
    tokens,
)
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.text import shortened

if TYPE_CHECKING:
    from tree_sitter import Node

_TYPES = frozenset({"type_definition", "struct_specifier", "union_specifier", "enum_specifier"})
_LEFT_TO_COMPILER = frozenset(
    {"preproc_include", "preproc_def", "preproc_function_def", "preproc_call", "ERROR"}
)
"""Directives were looked at before; what does not parse gets the compiler's own message."""
_ASSERTS = ("_Static_assert", "static_assert")


def beside_objection(answer: CFile, new: "Node", file: CFile, old: "Node") -> Malformation | None:
    """Return what the answer brings along beside the function and must not.

    Args:
        answer: The answer.
        new: Its version of the function.
        file: The file.
        old: The file's version.
    """
    body = old.child_by_field_name("body")
    until = old.end_byte if body is None else body.start_byte
    rest = file.data[:until] + b"\n" + file.data[old.end_byte :]
    elsewhere = without_comments(rest.decode("utf-8", "replace"))
    source = without_comments(file.text)
    plain = without_comments(answer.text)
    if problem := directive_objection(plain, source, elsewhere):
        return problem
    taken = {name for n in file.items if n != old for name in defined_names(n)}
    for node in answer.items:
        if node == new or file.has(node):
            continue
        if problem := _part_objection(node, taken):
            return problem
    return _state_objection(answer, file)


def _part_objection(node: "Node", taken: set[str]) -> Malformation | None:
    """Return why a new item must not stand at file level."""
    clash = defined_names(node) & taken
    prototype = node.type == "declaration" and all(d.is_function for d in declared(node))
    if clash and not prototype:
        text = f"{shortened(min(clash))!r} is in the file already and is not yours to change"
        return Malformation(Malformed.TWO_CANDIDATES, f"{text}; give the new one another name.")
    if is_conditional(node) or node.type in _TYPES or node.type in _LEFT_TO_COMPILER:
        return None
    if node.type == "function_definition":
        return None if "static" in specifiers(node) else _not_static(node)
    if node.type == "declaration":
        return _declaration_objection(node, taken)
    if node.type in {"comment", "expression_statement"}:
        plain = text_of(node).strip()
        if node.type == "comment" or plain == ";" or plain.startswith(_ASSERTS):
            return None
    return Malformation(
        Malformed.UNKNOWN_OPTION,
        f"{shortened(text_of(node))!r} must not stand beside the function; only #include lines, "
        "static helpers, static const tables, types and macros may.",
    )


def _declaration_objection(node: "Node", taken: set[str]) -> Malformation | None:
    static = "static" in specifiers(node)
    for kind in declared(node):
        if kind.is_function:
            if not static and kind.name not in taken and not _defined_beside(node, kind.name):
                text = f"{shortened(kind.name)!r} is declared without its header; include that."
                return Malformation(Malformed.UNKNOWN_OPTION, text)
        elif not kind.is_constant:
            return _writable(kind.name)
        elif not static:
            return _not_static(node)
    return None


def _state_objection(answer: CFile, file: CFile) -> Malformation | None:
    """Refuse variables within functions that keep their value, unless the file has them."""
    new = {
        tuple(tokens(n)): n for n in find(answer.root, "declaration") if "static" in specifiers(n)
    }
    for known in find(file.root, "declaration"):
        new.pop(tuple(tokens(known)), None)
    kept = (kind for n in new.values() for kind in declared(n))
    state = next((k for k in kept if not k.is_function and not k.is_constant), None)
    return None if state is None else _writable(state.name)


def _writable(name: str) -> Malformation:
    text = f"{shortened(name)!r} can be written and keeps its value, so calls would share state"
    return Malformation(Malformed.UNKNOWN_OPTION, f"{text}; what is static must be const.")


def _defined_beside(node: "Node", name: str) -> bool:
    """Whether the answer itself defines the function that it declares."""
    siblings = node.parent.named_children if node.parent is not None else []
    return any((k := function_type(s)) is not None and k.name == name for s in siblings)


def _not_static(node: "Node") -> Malformation:
    names = shortened(", ".join(sorted(defined_names(node))) or text_of(node))
    return Malformation(
        Malformed.CHANGED_SIGNATURE,
        f"{names!r} would be visible outside the file; everything beside the function is static.",
    )
