"""Puts an answer's C function into its file.

An answer holds the whole function, with what it needs before or after it: headers of C, static
helpers, constant tables, types and macros. What it repeats of the file is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from coopbench.agents.protocol.c_beside import beside_objection
from coopbench.agents.protocol.c_file import CFile
from coopbench.agents.protocol.c_tree import (
    comments,
    function_type,
    specifiers,
    text_of,
    tokens,
)
from coopbench.agents.protocol.laziness import omission
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.text import readable, shortened

if TYPE_CHECKING:
    from tree_sitter import Node

_INLINE = frozenset({"inline", "__inline", "__inline__"})
_MOST_COMMENTS = 2000


@dataclass(frozen=True)
class CFunction:
    """A function that a file defines."""

    name: str
    signature: str
    """Its text before the body."""
    start: int
    """Offset of its first byte in the UTF-8 form of the file."""
    end: int
    """Offset behind its last byte."""
    static: bool


def c_functions(source: str) -> tuple[CFunction, ...]:
    """Return the functions that a file defines, in order."""
    return _functions(CFile.of(source))


def c_function(source: str, name: str) -> str | None:
    """Return the text of a function, None if the file does not define it."""
    found = CFile.of(source).functions(name)
    return text_of(found[0]) if found else None


def splice_c(source: str, name: str, code: str) -> str | Malformation:
    """Put an answer's version of a function in the place of the file's.

    Args:
        source: The file.
        name: The function.
        code: The answer's code.

    Raises:
        KeyError: if the file does not define the function.
    """
    text = readable(code)
    if isinstance(text, Malformation):
        return text
    file = CFile.of(source)
    old = file.functions(name)
    if not old:
        raise KeyError(name)
    answer = CFile.of(text)
    new = _target(answer, old[0], name)
    if isinstance(new, Malformation):
        return new
    problem = _omission(answer, text, source) or beside_objection(answer, new, file, old[0])
    if problem is not None:
        return problem
    repeated = [n for n in answer.items if n != new and file.has(n)]
    if _is_echo(answer, new, old[0], repeated):
        return Malformation(
            Malformed.ECHO,
            f"The function {name!r} is the one you were given; answer with a version that differs.",
        )
    kept = _without(answer.data, repeated)
    before, after = file.data[: old[0].start_byte], file.data[old[0].end_byte :]
    made = (before + kept + after).decode("utf-8", "surrogatepass")
    return _swallowed(file, made, name) or made


def _swallowed(file: CFile, made: str, name: str) -> Malformation | None:
    """Refuse code that makes something else of the file around it, e.g. by an open comment."""
    there = [f.name for f in c_functions(made)]
    lost = {f.name for f in _functions(file)} - set(there)
    if not lost and there.count(name) == 1:
        return None
    text = f"With this code the file no longer defines {shortened(min(lost, default=name))!r} once"
    return Malformation(Malformed.WRONG_LANGUAGE, f"{text}; close all comments and brackets.")


def _functions(file: CFile) -> tuple[CFunction, ...]:
    return tuple(_described(n) for n in file.items if function_type(n) is not None)


def _described(node: "Node") -> CFunction:
    kind = function_type(node)
    assert kind is not None
    body = node.child_by_field_name("body")
    end = node.end_byte if body is None else body.start_byte
    signature = (node.text or b"")[: end - node.start_byte].decode("utf-8", "replace")
    static = "static" in specifiers(node)
    return CFunction(kind.name, signature.strip(), node.start_byte, node.end_byte, static)


def _target(answer: CFile, old: "Node", name: str) -> "Node | Malformation":
    """Return the answer's version of the function, if it is there once and fits its place."""
    found = answer.functions(name)
    if not found:
        return _missing(answer, name)
    if len(found) > 1:
        text = f"The function {name!r} is there {len(found)} times; answer with one version."
        return Malformation(Malformed.TWO_CANDIDATES, text)
    new = found[0]
    body = new.child_by_field_name("body")
    if any(c.has_error for c in new.children if c != body):
        text = f"The first line of {name!r} is not C; write the whole function in C."
        return Malformation(Malformed.WRONG_LANGUAGE, text)
    fits = function_type(new) == function_type(old)
    fits = fits and ("static" in specifiers(new)) == ("static" in specifiers(old))
    hidden = (specifiers(new) - specifiers(old)) & _INLINE and "static" not in specifiers(old)
    if not fits or hidden or new.parent != answer.root:
        wanted = shortened(_described(old).signature, 300)
        text = f"Name, parameters and result must stay, outside of any #if: {wanted}"
        return Malformation(Malformed.CHANGED_SIGNATURE, text)
    return new


def _missing(answer: CFile, name: str) -> Malformation:
    others = [kind.name for n in answer.items if (kind := function_type(n)) is not None]
    if others and not answer.root.has_error:
        there = shortened(", ".join(others))
        text = f"The function {name!r} is not there (found: {there}); its name must stay."
        return Malformation(Malformed.CHANGED_SIGNATURE, text)
    if answer.root.has_error:
        text = f"The code is not C that defines {name!r}; write the whole function in C."
        return Malformation(Malformed.WRONG_LANGUAGE, text)
    text = f"The code does not define {name!r}; answer with the whole function."
    return Malformation(Malformed.NO_CODE, text)


def _omission(answer: CFile, text: str, source: str) -> Malformation | None:
    alone = islice(comments(answer.root, answer.data), _MOST_COMMENTS)
    return omission(alone, text, source)


def _is_echo(answer: CFile, new: "Node", old: "Node", repeated: list["Node"]) -> bool:
    if tuple(tokens(new)) != tuple(tokens(old)):
        return False
    ignored = {"comment", "preproc_include"}
    known = {new.id, *(n.id for n in repeated)}
    return all(n.type in ignored or n.id in known for n in answer.items)


def _without(data: bytes, nodes: list["Node"]) -> bytes:
    """Return the answer without the items that the file has already."""
    return b"".join(_pieces(data, nodes)).strip()


def _pieces(data: bytes, nodes: list["Node"]) -> Iterator[bytes]:
    at = 0
    for node in nodes:
        if node.start_byte < at:
            continue
        yield data[at : node.start_byte].rstrip(b" \t")
        follower = node.next_sibling
        # The semicolon behind `struct s {…}` is no part of that item.
        at = follower.end_byte if follower and follower.type == ";" else node.end_byte
        if data[at - 1 : at] != b"\n" and data[at : at + 1] == b"\n":
            at += 1
    yield data[at:]
