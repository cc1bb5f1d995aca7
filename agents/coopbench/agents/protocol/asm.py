"""Shows one function of an assembly file to a model, and puts its answer into the file.

The model sees labels, instructions and alignments; symbol, section and unwind directives are the
harness's. What is put back is written anew from statements that were understood, so nothing
else of an answer reaches the assembler. Unwind information of the function is left out.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from coopbench.agents.protocol.asm_function import AsmFunction, asm_functions, find_function
from coopbench.agents.protocol.asm_rules import Parts, sorted_parts
from coopbench.agents.protocol.asm_text import (
    COMMENT,
    Arch,
    Statement,
    comments,
    defined_label,
    statements,
    symbols,
)
from coopbench.agents.protocol.laziness import omission
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.text import readable, shortened

__all__ = ["AsmView", "asm_functions", "asm_view", "splice_asm"]

_MOST_CONSTANTS = 24
"""Lines of a pool that are shown."""
_END_LABEL = re.compile(r"\.L(func_end|FE)\d+")


@dataclass(frozen=True)
class AsmView:
    """One function as a model sees it."""

    function: str
    text: str
    """The function, and the constants it refers to as comments."""


def asm_view(text: str, function: str, arch: Arch) -> AsmView:
    """Return a function as a model sees it.

    Raises:
        KeyError: if the file does not define it.
    """
    lines = text.split("\n")
    found = find_function(lines, function, arch)
    code = [s.text for s in found.code]
    notes = [note for lines_ in _constants(lines, found) for note in _shown(lines_, arch)]
    if notes:
        notes.insert(0, f"{COMMENT[arch]} constants, kept as they are:")
    return AsmView(function, "\n".join((*code, *notes)))


def splice_asm(text: str, function: str, code: str, arch: Arch) -> str | Malformation:
    """Put an answer's version of a function in the place of the file's.

    Args:
        text: The file, as a compiler or an earlier call wrote it.
        function: The function.
        code: The answer's code.
        arch: Architecture it is for.

    Raises:
        KeyError: if the file does not define the function.
    """
    plain = readable(code)
    if isinstance(plain, Malformation):
        return plain
    lines = text.split("\n")
    old = find_function(lines, function, arch)
    if problem := omission(comments(plain, arch), plain, text):
        return problem
    known = frozenset(label for line in lines if (label := defined_label(line)))
    parts = sorted_parts(list(statements(plain, arch)), function, arch, known)
    if isinstance(parts, Malformation):
        return parts
    problem = _entry_objection(parts, function)
    new = _completed(parts, old, lines)
    problem = problem or _label_objection(new, old, lines)
    if problem is None and new.code == list(old.code) and not new.constants:
        said = f"The function {function!r} is the one you were given; answer with one that differs."
        return Malformation(Malformed.ECHO, said)
    return problem or _assembled(lines, old, new)


def _constants(lines: list[str], found: AsmFunction) -> list[list[str]]:
    pools = [lines[p.start : p.end] for p in found.pools]
    return [*pools, *(list(part[1:]) for part in found.inner)]


def _shown(constants: list[str], arch: Arch) -> Iterable[str]:
    for line in constants[:_MOST_CONSTANTS]:
        yield f"{COMMENT[arch]} {' '.join(line.split())}"
    if len(constants) > _MOST_CONSTANTS:
        yield f"{COMMENT[arch]} … {len(constants) - _MOST_CONSTANTS} lines more"


def _entry_objection(parts: Parts, function: str) -> Malformation | None:
    labels = [s.name for s in parts.code if s.kind == "label"]
    if not any(s.kind == "instruction" for s in parts.code):
        said = f"There are no instructions; answer with the whole function {function!r}."
        return Malformation(Malformed.NO_CODE, said)
    if labels.count(function) > 1:
        said = f"The label {function}: is there {labels.count(function)} times; answer with one."
        return Malformation(Malformed.TWO_CANDIDATES, said)
    first = next(s for s in parts.code if s.kind != "directive")
    if first != Statement("label", function):
        said = f"The function must begin with its label on a line of its own: {function}:"
        return Malformation(Malformed.CHANGED_SIGNATURE, said)
    return None


def _completed(parts: Parts, old: AsmFunction, lines: list[str]) -> Parts:
    """Leave out what the file has anyway: alignment before the entry, end labels, same constants."""
    code = list(parts.code)
    while code and code[0].kind == "directive":
        code.pop(0)
    while code and code[-1].kind == "label" and _END_LABEL.fullmatch(code[-1].name):
        code.pop()
    known = {tuple(_squeezed(line) for line in lines[p.start : p.end]) for p in old.pools}
    constants: list[Statement] = []
    block: list[Statement] = []
    for statement in (*parts.constants, None):
        if statement is None or statement.kind == "label":
            if tuple(_squeezed(s.text) for s in block if s.name != ".p2align") not in known:
                constants += block
            block = []
        if statement is not None:
            block.append(statement)
    if all(s.name == ".p2align" for s in constants):
        constants = []
    return Parts(code, constants)


def _squeezed(line: str) -> str:
    return "".join(re.sub(r"(#|//).*", "", line).split())


def _label_objection(new: Parts, old: AsmFunction, lines: list[str]) -> Malformation | None:
    """Return which label is there twice, or is gone although something refers to it."""
    mine = {s.name for s in (*new.code, *new.constants) if s.kind == "label"}
    rest = (line for i, line in enumerate(lines) if not old.start <= i < old.end)
    inner = (line for part in old.inner for line in part)
    others = {label for line in (*rest, *inner) if (label := defined_label(line)) is not None}
    if clash := {name for name in mine & others if not name.isdigit()}:
        said = f"The label {shortened(min(clash))!r} is used elsewhere in the file"
        return Malformation(Malformed.TWO_CANDIDATES, f"{said}; choose another name.")
    used = _used_pools(new, old)
    text = [line for p in old.pools if p.label in used for line in lines[p.start : p.end]]
    text += [line for part in old.inner for line in part]
    had = {s.name for s in old.code if s.kind == "label"}
    needed = had & (old.outside | symbols("\n".join(text)))
    if lost := needed - mine:
        said = f"The label {shortened(min(lost))!r} must stay: a table of the file refers to it."
        return Malformation(Malformed.CHANGED_SIGNATURE, said)
    return None


def _used_pools(new: Parts, old: AsmFunction) -> set[str]:
    mentioned = symbols("\n".join(s.operands for s in (*new.code, *new.constants)))
    return {p.label for p in old.pools if p.label in mentioned or p.label in old.outside}


def _assembled(lines: list[str], old: AsmFunction, new: Parts) -> str:
    used = _used_pools(new, old)
    dead = {i for p in old.pools if p.label not in used for i in range(p.start, p.end)}
    unwound = {i for i in _tail(lines, old.end) if lines[i].strip().startswith(".cfi_endproc")}
    made = [s.text for s in new.code]
    for part in old.inner:
        made += [re.sub(r"\.section\b", ".pushsection", part[0], count=1), *part[1:]]
        made.append("\t.popsection")
    if new.constants:
        made += [f'\t.pushsection\t.rodata.{old.name},"a",@progbits', "\t.p2align\t4"]
        made += [*(s.text for s in new.constants), "\t.popsection"]
    out: list[str] = []
    for i, line in enumerate(lines):
        if i == old.start:
            out += made
        elif not old.start <= i < old.end and i not in dead and i not in unwound:
            out.append(line)
    return "\n".join(out)


def _tail(lines: list[str], end: int) -> range:
    """Return the indices of the lines behind a function up to the next section or label."""
    at = end + 1
    while at < len(lines) and not lines[at].strip().startswith((".section", ".text")):
        if defined_label(lines[at]) is not None:
            break
        at += 1
    return range(end, at)
