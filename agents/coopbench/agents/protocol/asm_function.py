"""Finds one function in a compiler's assembly, with the constants it refers to."""

import re
from dataclasses import dataclass, field, replace

from coopbench.agents.protocol.asm_text import (
    Arch,
    Statement,
    defined_label,
    statements,
    symbols,
    without_fill,
)

_END = re.compile(r"\.Lfunc_end\d+:")
_SECTION = re.compile(r"\s*\.(section|text|data|bss|previous|pushsection|popsection)\b\s*(.*)")
_POOL = re.compile(r"\.L(CPI|JTI|C|table)?[\w.$]*")
DATA = re.compile(
    r"\s*\.(byte|short|value|hword|[248]byte|long|int|word|quad|xword|octa|float|single|double"
    r"|zero|space|asciz|ascii|string)\b"
)
_FUNCTION_TYPE = re.compile(r"\s*\.type\s+([\w.$]+)\s*,\s*[@%]function\b")


@dataclass(frozen=True)
class Pool:
    """Constants behind a label, outside of functions."""

    label: str
    start: int
    """Index of the label's line."""
    end: int
    """Index behind the last line of data."""


@dataclass(frozen=True)
class AsmFunction:
    """A function within the lines of a file."""

    name: str
    start: int
    """Index of the line with its label."""
    end: int
    """Index of the line that ends it: a label or the `.size` directive."""
    code: tuple[Statement, ...]
    """Its label, instructions and alignments; no other directives, no labels that nobody uses."""
    inner: tuple[tuple[str, ...], ...] = ()
    """Parts in other sections, e.g. jump tables of gcc; each begins with its section directive."""
    pools: tuple[Pool, ...] = ()
    """Constants elsewhere in the file that it refers to."""
    outside: frozenset[str] = field(default_factory=frozenset)
    """Words in the rest of the file, its pools not included."""


def asm_functions(text: str) -> tuple[str, ...]:
    """Return the names of the functions that a file defines, in order."""
    lines = text.split("\n")
    labels = {label for line in lines if (label := defined_label(line))}
    typed = (m[1] for line in lines if (m := _FUNCTION_TYPE.match(line)))
    return tuple(name for name in dict.fromkeys(typed) if name in labels)


def find_function(lines: list[str], name: str, arch: Arch) -> AsmFunction:
    """Return a function of a file.

    Raises:
        KeyError: if the file does not define it.
    """
    start = next((i for i, line in enumerate(lines) if defined_label(line) == name), None)
    if start is None:
        raise KeyError(name)
    size = re.compile(rf"\s*\.size\s+{re.escape(name)}\s*,")
    ends = (i for i in range(start, len(lines)) if _END.match(lines[i]) or size.match(lines[i]))
    end = next(ends, len(lines))
    own, inner = _by_section(lines, start, end)
    found = tuple(statements("\n".join(own), arch))
    code = [c for s in found if (c := _code(s)) is not None]
    mentioned = set().union(*(symbols(s.operands) for s in code))
    pools = _pools(lines, (start, end), mentioned)
    outside = _outside(lines, (start, end), pools)
    used = mentioned | outside | _words([line for p in pools for line in lines[p.start : p.end]])
    used |= _words([line for part in inner for line in part])
    kept = tuple(s for s in code if s.kind != "label" or s.name in used or s.name == name)
    return AsmFunction(name, start, end, kept, tuple(inner), pools, frozenset(outside))


def _code(statement: Statement) -> Statement | None:
    if statement.kind != "directive":
        return statement
    aligned = statement.name == ".p2align"
    return replace(statement, operands=without_fill(statement.operands)) if aligned else None


def _by_section(lines: list[str], start: int, end: int) -> tuple[list[str], list[tuple[str, ...]]]:
    """Split a function's lines into those of its own section and parts in others."""
    home = _home(lines, start)
    own: list[str] = []
    inner: list[tuple[str, ...]] = []
    part: list[str] = []
    for line in lines[start:end]:
        match = _SECTION.match(line)
        back = match is not None and (
            match[1] in {"previous", "popsection"} or _spaceless(line) == home
        )
        if match is not None and part:
            inner.append(tuple(part))
            part = []
        if match is not None:
            part = [] if back else [line]
        elif part:
            part.append(line)
        else:
            own.append(line)
    return own, [*inner, *([tuple(part)] if part else [])]


def _home(lines: list[str], start: int) -> str:
    before = (line for line in reversed(lines[:start]) if _SECTION.match(line))
    return _spaceless(next(before, "\t.text"))


def _spaceless(line: str) -> str:
    return "".join(line.split())


def _pools(lines: list[str], region: tuple[int, int], wanted: set[str]) -> tuple[Pool, ...]:
    """Return the constants outside of the function whose labels are wanted."""
    found = []
    for i, line in enumerate(lines):
        label = defined_label(line)
        if label is None or label not in wanted or region[0] <= i < region[1]:
            continue
        if not _POOL.fullmatch(label):
            continue
        end = i + 1
        while end < len(lines) and DATA.match(lines[end]):
            end += 1
        if end > i + 1:
            found.append(Pool(label, i, end))
    return tuple(found)


def _outside(lines: list[str], region: tuple[int, int], pools: tuple[Pool, ...]) -> set[str]:
    inside = set(range(*region)).union(*(range(p.start, p.end) for p in pools))
    end = region[1]
    rest = [line for i, line in enumerate(lines) if i not in inside and i != end]
    return _words(rest)


def _words(lines: list[str]) -> set[str]:
    return symbols("\n".join(lines))
