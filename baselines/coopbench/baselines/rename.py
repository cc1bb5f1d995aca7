"""Renames every local variable and parameter of C functions, consistently.

A change that no compiler can see: whoever scores better than 1 with it has measured noise.
"""

from collections.abc import Iterator

import tree_sitter_c
from tree_sitter import Language, Node, Parser

SUFFIX = "_r"


def rename_locals(source: str) -> str:
    """Return C source in which locals and parameters have other names.

    Names that also occur in another role in the file (macro, type, function, global, label,
    text of a preprocessor line) are left alone, so the meaning cannot change.
    """
    raw = source.encode()
    tree = Parser(Language(tree_sitter_c.language())).parse(raw)
    local: set[bytes] = set()
    for function in _of_type(tree.root_node, "function_definition"):
        local |= set(_declared(function))
    local -= set(_elsewhere(tree.root_node))
    taken = {_text(n) for n in _of_type(tree.root_node, "identifier")}
    edits = []
    for node in _of_type(tree.root_node, "identifier"):
        name = _text(node)
        if name in local and name + SUFFIX.encode() not in taken:
            edits.append((node.start_byte, node.end_byte, name + SUFFIX.encode()))
    for start, end, text in sorted(edits, reverse=True):
        raw = raw[:start] + text + raw[end:]
    return raw.decode()


def _of_type(root: Node, kind: str) -> Iterator[Node]:
    todo = [root]
    while todo:
        node = todo.pop()
        if node.type == kind:
            yield node
        todo.extend(reversed(node.children))


def _text(node: Node) -> bytes:
    return node.text or b""


def _declared(function: Node) -> Iterator[bytes]:
    """Names of parameters and block-scope variables of one function."""
    kinds = ("declaration", "parameter_declaration")
    outer = function.child_by_field_name("declarator")
    for kind in kinds:
        for declaration in _of_type(function, kind):
            for child in declaration.children_by_field_name("declarator"):
                name = _declarator_name(child)
                if name is not None and child is not outer:
                    yield _text(name)


def _declarator_name(node: Node | None) -> Node | None:
    """Walk down `*x`, `x[4]`, `x = 1` to the identifier; None for function declarators."""
    while node is not None and node.type != "identifier":
        if node.type == "function_declarator":
            return None
        node = node.child_by_field_name("declarator")
    return node


def _elsewhere(root: Node) -> Iterator[bytes]:
    """Names with a meaning outside of functions, or inside preprocessor text."""
    for kind in ("preproc_def", "preproc_function_def"):
        for node in _of_type(root, kind):
            yield from (
                _text(node).replace(b"(", b" ").replace(b")", b" ").replace(b",", b" ").split()
            )
    for top in root.children:
        if top.type == "function_definition":
            declarator = top.child_by_field_name("declarator")
            names = [] if declarator is None else list(_of_type(declarator, "identifier"))[:1]
            yield from (_text(n) for n in names)
        elif not top.type.startswith("preproc"):
            yield from (_text(n) for n in _of_type(top, "identifier"))
    for kind in ("enumerator", "call_expression"):
        for node in _of_type(root, kind):
            head = node.child(0)
            if head is not None:
                yield _text(head)
