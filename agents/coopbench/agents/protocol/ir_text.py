"""Textual LLVM IR as far as one function is exchanged: entities of a module, headers, lines.

This is no parser of IR: `opt` is, and tells what is wrong inside a function. It finds where a
function begins and ends and takes its first line apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

NAME = r'(?:"[^"\n]*"|[-\w.$]+)'
"""A global or local name, without `@` or `%`."""
_QUOTED_OR_COMMENT = re.compile(r'"[^"\n]*"|;.*')
_LABEL = re.compile(rf"({NAME}):")
_FUNCTION = re.compile(rf"@({NAME})\s*\(")
_KINDS = (
    ("define", re.compile(r"define\b")),
    ("declare", re.compile(r"declare\b")),
    ("type", re.compile(rf"%{NAME}\s*=\s*type\b")),
    ("global", re.compile(rf"@{NAME}\s*=")),
    ("attributes", re.compile(r"attributes\s+#\d+\s*=")),
    ("metadata", re.compile(r"!")),
    ("dropped", re.compile(r"(target\s+(datalayout|triple)|source_filename)\s*=|uselistorder")),
)
_BRACKETS = {"(": 1, "[": 1, "{": 1, "<": 1, ")": -1, "]": -1, "}": -1, ">": -1}
_WITH_NUMBER = frozenset({"align", "alignstack", "cc"})


@dataclass(frozen=True)
class Entity:
    """Something at the top of a module; a function's body belongs to it."""

    kind: str
    """`define`, `declare`, `type`, `global`, `attributes`, `metadata`, `dropped` or `other`."""
    name: str
    """Without `@` or `%`; empty if it has none."""
    text: str
    """One line; of a function, its header up to the brace."""
    start: int
    """Index of its first line."""
    end: int
    """Index behind its last line."""
    body: tuple[str, ...] = ()
    closed: bool = True
    """False if the text ends within a function."""
    header_lines: int = 1


@dataclass(frozen=True)
class IrParameter:
    """A parameter of a function."""

    type: str
    attributes: tuple[str, ...]
    name: str
    """With `%`; empty if it has none."""

    def written(self, attributes: tuple[str, ...]) -> str:
        """Return it with other attributes."""
        return " ".join(filter(None, (self.type, *attributes, self.name)))


@dataclass(frozen=True)
class Header:
    """The first line of a function, taken apart."""

    prefix: tuple[str, ...]
    """Linkage, calling convention, attributes of the result."""
    returns: str
    name: str
    parameters: tuple[IrParameter, ...]
    suffix: tuple[str, ...]
    """Attributes, groups of attributes and whatever else follows the parameters."""

    @property
    def signature(self) -> tuple[str, ...]:
        """Types of the result and of the parameters."""
        return (self.returns, *(p.type for p in self.parameters))

    @property
    def brief(self) -> str:
        """Result, name and types, for people and models."""
        return f"{self.returns} @{self.name}({', '.join(p.type for p in self.parameters)})"


def uncommented(line: str) -> str:
    """Return a line without its comment and trailing space."""
    if ";" not in line:
        return line.rstrip()
    for match in _QUOTED_OR_COMMENT.finditer(line):
        if match[0].startswith(";"):
            return line[: match.start()].rstrip()
    return line.rstrip()


def comment_of(line: str) -> str:
    """Return the comment of a line that holds nothing else; empty if there is none."""
    text = line.strip()
    return text.lstrip(";").strip() if text.startswith(";") else ""


def label_of(line: str) -> str | None:
    """Return the label that a line without comment defines."""
    match = _LABEL.fullmatch(line.strip())
    return match[1] if match else None


def entities(text: str) -> Iterator[Entity]:
    """Yield what stands at the top of a module; blank lines and comments are left out."""
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        plain = uncommented(lines[at]).strip()
        if not plain:
            at += 1
            continue
        kind = next((k for k, pattern in _KINDS if pattern.match(plain)), "other")
        found = _function(lines, at) if kind == "define" else _entity(kind, plain, at)
        yield found
        at = found.end


def _entity(kind: str, plain: str, at: int) -> Entity:
    named = _FUNCTION.search(plain) if kind == "declare" else re.match(rf"[@%]({NAME})", plain)
    return Entity(kind, named[1] if named else "", plain, at, at + 1)


def _function(lines: list[str], start: int) -> Entity:
    """Read a function: the header up to an opening brace, the body up to a closing one."""
    header: list[str] = []
    at = start
    while at < len(lines):
        header.append(uncommented(lines[at]).strip())
        at += 1
        if header[-1].endswith("{"):
            break
    body = at
    while at < len(lines) and uncommented(lines[at]).strip() != "}":
        at += 1
    text = " ".join(header)
    named = _FUNCTION.search(text)
    closed = at < len(lines) and text.endswith("{")
    name = named[1] if named else ""
    return Entity(
        "define", name, text, start, at + closed, tuple(lines[body:at]), closed, body - start
    )


def words(text: str) -> list[str]:
    """Split at spaces outside of brackets and quotes; `align 8` is one word."""
    found: list[str] = []
    for part in _split(text, " \t"):
        number = bool(found) and found[-1] in _WITH_NUMBER and part.isdigit()
        if number or (found and part.startswith(("addrspace(", "("))):
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part)
    return found


def arguments(text: str) -> list[str]:
    """Split at commas outside of brackets and quotes."""
    return [part.strip() for part in _split(text, ",")]


def _split(text: str, separators: str) -> list[str]:
    parts: list[str] = []
    depth, start, quoted = 0, 0, False
    for at, c in enumerate(text):
        if c == '"':
            quoted = not quoted
        elif not quoted:
            depth += _BRACKETS.get(c, 0)
            if depth == 0 and c in separators:
                parts.append(text[start:at])
                start = at + 1
    parts.append(text[start:])
    return [p for p in parts if p.strip()]


def closing(text: str, opening: int) -> int:
    """Return the index of the parenthesis that closes the one at `opening`, -1 if none does."""
    depth = 0
    for at in range(opening, len(text)):
        depth += _BRACKETS.get(text[at], 0)
        if depth == 0:
            return at
    return -1


def read_header(text: str) -> Header | None:
    """Take a `define` or `declare` line apart; None if it is none."""
    named = _FUNCTION.search(text)
    first = re.match(r"\s*(define|declare)\b", text)
    if named is None or first is None:
        return None
    end = closing(text, named.end() - 1)
    before = words(text[first.end() : named.start()])
    if end < 0 or not before:
        return None
    parameters = tuple(_parameter(part) for part in arguments(text[named.end() : end]))
    suffix = tuple(words(text[end + 1 :].strip().removesuffix("{")))
    return Header(tuple(before[:-1]), _type(before[-1]), named[1], parameters, suffix)


def _parameter(text: str) -> IrParameter:
    parts = words(text)
    name = parts.pop() if len(parts) > 1 and parts[-1].startswith("%") else ""
    return IrParameter(_type(parts[0]) if parts else "", tuple(parts[1:]), name)


def _type(text: str) -> str:
    """Return a type with the spaces that LLVM prints."""
    spaced = " ".join(re.sub(r"([<>\[\]{}(),])", r" \1 ", text).split())
    return re.sub(r"(?<=[<\[(]) | (?=[>\]),])", "", spaced)
