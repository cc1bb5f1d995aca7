"""C as a syntax tree: its items at file level, their names, and types as C compares them.

tree-sitter parses whatever it is given, so nothing here raises for any text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node

_CONDITIONALS = frozenset(
    {"preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif", "preproc_elifdef"}
)
_NAMES = frozenset({"identifier", "type_identifier", "field_identifier"})
_FUNCTIONS = frozenset({"function_declarator", "abstract_function_declarator"})
_ARRAYS = frozenset({"array_declarator", "abstract_array_declarator"})
_POINTERS = frozenset({"pointer_declarator", "abstract_pointer_declarator"})
_PARENTHESES = frozenset({"parenthesized_declarator", "abstract_parenthesized_declarator"})
_TAGGED = frozenset({"struct_specifier", "union_specifier", "enum_specifier"})
_MEANINGFUL = frozenset({"const", "volatile", "_Atomic"})
"""Qualifiers that are part of a type; `restrict` is a promise, not a type."""
_OPTIONAL_INT = frozenset({"long", "short", "unsigned", "signed"})
_DEEPEST = 8
"""Functions that take functions that take functions…; deeper ones count as taking nothing."""

Derivation = tuple[object, ...]
"""One step from a declared name to its type: a pointer, an array or a function."""


@dataclass(frozen=True)
class Declared:
    """A name with its type, as far as C compares types."""

    name: str
    base: tuple[str, ...]
    qualifiers: frozenset[str]
    """Of the base type."""
    derivations: tuple[Derivation, ...]
    """From the name outwards."""

    @property
    def is_function(self) -> bool:
        """Whether the name is a function's."""
        return bool(self.derivations) and self.derivations[0][0] == "function"

    @property
    def is_constant(self) -> bool:
        """Whether the object, or the elements of the array, cannot be written."""
        inner = [d for d in self.derivations if d[0] != "array"]
        where = inner[0][1] if inner and inner[0][0] == "pointer" else self.qualifiers
        return isinstance(where, frozenset) and "const" in where


@lru_cache(maxsize=1)
def _language() -> "Language":
    import tree_sitter
    import tree_sitter_c

    return tree_sitter.Language(tree_sitter_c.language())


def parse(source: bytes) -> "Node":
    """Return the root of the syntax tree."""
    import tree_sitter

    return tree_sitter.Parser(_language()).parse(source).root_node


def items(root: "Node") -> Iterator["Node"]:
    """Yield what stands at file level, conditional parts included."""
    todo = list(reversed(root.named_children))
    while todo:
        node = todo.pop()
        if node.type in _CONDITIONALS or node.type in {"linkage_specification", "declaration_list"}:
            asked = [node.child_by_field_name(f) for f in ("name", "condition", "value")]
            todo.extend(c for c in reversed(node.named_children) if c not in asked)
        yield node


def is_conditional(node: "Node") -> bool:
    """Whether the item is an #if, #ifdef or one of their branches."""
    return node.type in _CONDITIONALS


def text_of(node: "Node | None") -> str:
    """Return a node's text; empty for no node."""
    text = None if node is None else node.text
    return "" if text is None else text.decode("utf-8", "replace")


def tokens(node: "Node") -> Iterator[tuple[str, bytes]]:
    """Yield type and text of every token, without comments and white space."""
    cursor = node.walk()
    while True:
        here = cursor.node
        assert here is not None
        if here.type != "comment" and cursor.goto_first_child():
            continue
        if here.type != "comment" and (text := (here.text or b"").strip()):
            yield here.type, text
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def comments(root: "Node", source: bytes) -> Iterator[str]:
    """Yield the text of every comment that stands alone on its lines, without its marks."""
    for node in find(root, "comment"):
        line = source.rfind(b"\n", 0, node.start_byte) + 1
        end = source.find(b"\n", node.end_byte)
        after = source[node.end_byte : end if end >= 0 else len(source)]
        if not source[line : node.start_byte].strip() and not after.strip():
            yield text_of(node).strip().removeprefix("//").removeprefix("/*").removesuffix("*/")


def find(root: "Node", kind: str) -> Iterator["Node"]:
    """Yield all nodes of a kind, outer before inner."""
    cursor = root.walk()
    while True:
        here = cursor.node
        assert here is not None
        if here.type == kind:
            yield here
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def declared(node: "Node") -> tuple[Declared, ...]:
    """Return the names that an item at file level declares, with their types."""
    base, qualifiers = _base(node)
    found = []
    for declarator in node.children_by_field_name("declarator"):
        name, derivations = _derivations(declarator)
        if name:
            found.append(Declared(name, base, qualifiers, derivations))
    return tuple(found)


def defined_names(node: "Node") -> frozenset[str]:
    """Return all names that an item at file level introduces: functions, objects, types, macros."""
    names = {d.name for d in declared(node)}
    if node.type in {"preproc_def", "preproc_function_def"}:
        names.add(text_of(node.child_by_field_name("name")))
    specifier = node if node.type in _TAGGED else node.child_by_field_name("type")
    if specifier is not None and specifier.type in _TAGGED:
        body = specifier.child_by_field_name("body")
        if body is not None:
            names.add(text_of(specifier.child_by_field_name("name")))
            names.update(
                text_of(e.child_by_field_name("name"))
                for e in body.named_children
                if e.type == "enumerator"
            )
    return frozenset(names - {""})


def specifiers(node: "Node") -> frozenset[str]:
    """Return storage classes and `inline`."""
    return frozenset(text_of(c) for c in node.children if c.type == "storage_class_specifier")


def function_type(node: "Node") -> Declared | None:
    """Return name and type of a function definition, None if it is none or not readable."""
    found = declared(node) if node.type == "function_definition" else ()
    return found[0] if found and found[0].is_function else None


def _base(node: "Node") -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the words of the type that stands before the declarators, and its qualifiers."""
    kind = node.child_by_field_name("type")
    words: list[str] = []
    if kind is not None and kind.type in _TAGGED:
        name = text_of(kind.child_by_field_name("name"))
        words = [kind.type.partition("_")[0], name or " ".join(text_of(kind).split())]
    elif kind is not None:
        words = sorted(text_of(kind).split())
    if _OPTIONAL_INT.intersection(words):
        words = [w for w in words if w != "int" and (w != "signed" or "char" in words)] or ["int"]
    return tuple(words), _qualifiers(node)


def _qualifiers(node: "Node") -> frozenset[str]:
    found = {text_of(c) for c in node.children if c.type == "type_qualifier"}
    return frozenset(q.strip("_") if q.startswith("__") else q for q in found) & _MEANINGFUL


def _derivations(declarator: "Node | None", depth: int = 0) -> tuple[str, tuple[Derivation, ...]]:
    """Return the declared name and the steps from it to the base type."""
    steps: list[Derivation] = []
    node = declarator
    while node is not None and node.type not in _NAMES:
        if node.type in _POINTERS:
            steps.append(("pointer", _qualifiers(node)))
        elif node.type in _ARRAYS:
            steps.append(("array", text_of(node.child_by_field_name("size"))))
        elif node.type in _FUNCTIONS:
            of = node.child_by_field_name("parameters")
            steps.append(("function", _parameters(of, depth) if depth < _DEEPEST else ()))
        node = _inner(node)
    return text_of(node), tuple(reversed(steps))


def _inner(node: "Node") -> "Node | None":
    inner = node.child_by_field_name("declarator")
    if inner is not None:
        return inner
    if node.type in _PARENTHESES or node.type == "attributed_declarator":
        named = (c for c in node.named_children if c.type.endswith(("declarator", "identifier")))
        return next(named, None)
    return None


def _parameters(node: "Node | None", depth: int) -> tuple[object, ...]:
    children = [] if node is None else [c for c in node.named_children if c.type != "comment"]
    found = tuple(_parameter(c, depth + 1) for c in children)
    return () if found == ((("void",), frozenset(), ()),) else found


def _parameter(node: "Node", depth: int) -> object:
    """Return a parameter's type as a caller sees it: no name, no qualifiers of the copy itself."""
    if node.type != "parameter_declaration":
        return (node.type, " ".join(text_of(node).split()))
    base, qualifiers = _base(node)
    _, steps = _derivations(node.child_by_field_name("declarator"), depth)
    if not steps:
        return base, frozenset(), ()
    match steps[0][0]:
        case "function":
            steps = (("pointer", frozenset()), *steps)
        case _:
            steps = (("pointer", frozenset()), *steps[1:])
    return base, qualifiers, steps
