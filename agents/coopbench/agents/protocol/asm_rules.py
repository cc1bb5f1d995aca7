"""What an assembly answer may hold: checked statement by statement.

Only what was understood here gets into the file, written anew; the scan of the object and the
sandbox are the barrier behind that.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from coopbench.agents.protocol.asm_text import Arch, Statement, without_fill
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.text import shortened

_NAMES = {"x86_64": "x86-64", "aarch64": "AArch64"}
_DATA = frozenset(
    {".byte", ".short", ".value", ".hword", ".2byte", ".long", ".int", ".word", ".4byte", ".quad"}
    | {".xword", ".8byte", ".float", ".single", ".double"}
)
_FILL = frozenset({".zero", ".space", ".skip"})
_DROPPED = frozenset(
    {".text", ".file", ".ident", ".addrsig", ".att_syntax", ".loc", ".end", ".build_version"}
)
_OF_FUNCTION = frozenset({".globl", ".global", ".type", ".size", ".hidden", ".local"})
_ALIGN = frozenset({".p2align", ".align", ".balign"})
_LABEL = re.compile(r"\.L[\w.$]+|\d{1,4}")
_MNEMONIC = re.compile(r"[A-Za-z][\w.]*")
_OPERANDS = re.compile(r"[\w\s$%#(),.+\-*/:@\[\]{}!&|^~<>]*")
_NUMBER = r"[-+]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)"
_VALUE = re.compile(rf"{_NUMBER}|\(?\.L[\w.$]+(?:-\.L[\w.$]+)?\)?(?:>>2)?")
_FILLING = re.compile(r"0[xX][0-9a-fA-F]{1,8}|\d{1,6}")
_ROUND = re.compile(r"\d{1,6}")
_MOST_FILL = 1 << 16
_MOST_ALIGN = 6
"""A cache line, as a power of two."""
_X86_REGISTER = re.compile(
    r"[re]?[abcd]x|[re]?[sd]i|[re]?[bs]p|[abcd][lh]|[sd]il|[sb]pl|r(?:[89]|1[0-5])[dwb]?"
    r"|[xyz]mm\d{1,2}|rip"
)
_ONLY_X86_REGISTER = re.compile(r"[re](?:[abcd]x|[sd]i|[bs]p)|[xyz]mm\d{1,2}|rip")
_ARM_REGISTER = re.compile(
    r"[xwvqdshb](?:[0-9]|[12][0-9]|3[01])(?:\.\w+)?|w?sp|[xw]zr|[zp]\d{1,2}\.\w"
)
_BARE_WORD = re.compile(r"(?<![\w.$%@])[A-Za-z_.][\w.$]*")
_IN_BRACES = re.compile(r"\{[^}]*\}")
_INTEL_SIZE = re.compile(r"\b(?:byte|[dqxyz]?word|oword)\s+ptr\b|\boffset\b", re.IGNORECASE)


@dataclass
class Parts:
    """An answer's statements, sorted."""

    code: list[Statement] = field(default_factory=list)
    constants: list[Statement] = field(default_factory=list)


class _RefusedError(Exception):
    """Carries what is wrong with a statement to where the answer is read."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.malformation = Malformation(Malformed.WRONG_LANGUAGE, text)


def sorted_parts(
    found: list[Statement], name: str, arch: Arch, known: frozenset[str] = frozenset()
) -> Parts | Malformation:
    """Return an answer's code and constants, or what must not be there.

    Args:
        found: The answer's statements.
        name: The function; directives about it are the harness's and left out.
        arch: Architecture it is for.
        known: Labels of the file, which may look like a register of another architecture.
    """
    parts = Parts()
    section: Literal["code", "constants"] = "code"
    try:
        for statement in found:
            if statement.kind == "directive":
                section = _section_after(statement, section)
            kept = _checked(statement, section, name, arch)
            if statement.kind == "instruction":
                _check_registers(statement, arch, known)
            if kept is not None:
                (parts.code if section == "code" else parts.constants).append(kept)
        _check_fill(parts.constants)
    except _RefusedError as refused:
        return refused.malformation
    return parts


def _section_after(
    statement: Statement, section: Literal["code", "constants"]
) -> Literal["code", "constants"]:
    if statement.name == ".text":
        return "code"
    if statement.name != ".section":
        return section
    where = statement.operands.split(",")[0].strip().strip('"')
    if where == ".text" or where.startswith(".text."):
        return "code"
    if where == ".rodata" or where.startswith(".rodata."):
        return "constants"
    if where == ".note.GNU-stack":
        return section
    raise _RefusedError(
        f"The section {shortened(where, 40)!r} is not allowed; constants go to .rodata."
    )


def _checked(statement: Statement, section: str, name: str, arch: Arch) -> Statement | None:
    """Return the statement as it is kept, None if it is left out."""
    match statement.kind:
        case "label":
            return _label(statement, name, section)
        case "directive":
            return _directive(statement, section, name, arch)
        case _ if section == "constants":
            raise _RefusedError(
                f"{shortened(statement.text)!r} is an instruction among the constants."
            )
        case _:
            return _instruction(statement, arch)


def _label(statement: Statement, name: str, section: str) -> Statement:
    own = statement.name == name and section == "code"
    if not own and not _LABEL.fullmatch(statement.name):
        raise _RefusedError(
            f"The label {shortened(statement.name)!r} would be seen outside; labels begin with .L."
        )
    return statement


def _directive(statement: Statement, section: str, name: str, arch: Arch) -> Statement | None:
    word = statement.name
    if word in _ALIGN:
        return _alignment(statement, arch)
    if word in _DROPPED or word == ".section" or word.startswith(".cfi_"):
        return None
    if word in _OF_FUNCTION and statement.operands.split(",")[0].strip() == name:
        return None
    if section == "constants" and word in _DATA | _FILL:
        values = [v.strip() for v in statement.operands.split(",")]
        if all(_VALUE.fullmatch(v) for v in values):
            return statement
        raise _RefusedError(f"{shortened(statement.text)!r}: constants are plain numbers.")
    if word == ".intel_syntax":
        raise _RefusedError("Intel syntax is not read; write AT&T syntax: `movq %rsi, %rax`.")
    raise _RefusedError(
        f"The directive {shortened(word)!r} is not allowed here; only labels, .p2align and, behind "
        "`.section .rodata`, numbers are."
    )


def _alignment(statement: Statement, arch: Arch) -> Statement:
    """Return the alignment as a power of two, without a fill value."""
    values = [v.strip() for v in statement.operands.split(",")]
    extra = any(v and not _FILLING.fullmatch(v) for v in values[1:])
    if not _ROUND.fullmatch(values[0]) or extra or len(values) > 3:
        raise _RefusedError(f"{shortened(statement.text)!r} is no alignment.")
    amount = int(values[0])
    in_bytes = statement.name == ".balign" or (statement.name == ".align" and arch == "x86_64")
    power = max(amount, 1).bit_length() - 1 if in_bytes else amount
    if power > _MOST_ALIGN or (in_bytes and amount.bit_count() > 1):
        raise _RefusedError(f"{shortened(statement.text)!r}: alignments go up to a cache line.")
    rest = ",".join(values[1:])
    return Statement("directive", ".p2align", without_fill(f"{power},{rest}"))


def _instruction(statement: Statement, arch: Arch) -> Statement:
    if not _MNEMONIC.fullmatch(statement.name) or not _OPERANDS.fullmatch(statement.operands):
        text = shortened(statement.text)
        raise _RefusedError(f"{text!r} is no {_NAMES[arch]} instruction.")
    return statement


def _check_registers(statement: Statement, arch: Arch, known: frozenset[str]) -> None:
    """Refuse the other architecture's registers and syntax, and Intel syntax."""
    operands, text = statement.operands, shortened(statement.text)
    bare = set(_BARE_WORD.findall(_IN_BRACES.sub(" ", operands))) - known
    words = {w.lower() for w in bare}
    if arch == "aarch64":
        foreign = any(_ONLY_X86_REGISTER.fullmatch(w) for w in words)
        if foreign or "%" in operands or "$" in operands:
            raise _RefusedError(f"{text!r} is not AArch64; write AArch64 assembly.")
    elif any(_ARM_REGISTER.fullmatch(w) and not _X86_REGISTER.fullmatch(w) for w in words):
        raise _RefusedError(f"{text!r} is not x86-64; write x86-64 assembly.")
    elif (
        any(map(_X86_REGISTER.fullmatch, words)) or "[" in operands or _INTEL_SIZE.search(operands)
    ):
        raise _RefusedError(f"{text!r} is Intel syntax; write AT&T syntax: `movq (%rsi), %rax`.")


def _check_fill(constants: list[Statement]) -> None:
    sizes = [s.operands.split(",")[0].strip() for s in constants if s.name in _FILL]
    if any(not _ROUND.fullmatch(s) for s in sizes) or sum(map(int, sizes)) > _MOST_FILL:
        raise _RefusedError(f"More than {_MOST_FILL} bytes of filling are not allowed.")
