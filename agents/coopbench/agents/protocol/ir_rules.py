"""What an IR answer may hold beside its function, and which intrinsics it may bring in."""

import re
from collections.abc import Iterable, Iterator

from coopbench.agents.protocol.ir_claims import depends_on_body
from coopbench.agents.protocol.ir_lines import Line, has_metadata
from coopbench.agents.protocol.ir_text import (
    NAME,
    Entity,
    Header,
    arguments,
    closing,
    read_header,
    words,
)
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.text import shortened

INTRINSICS = """
    abs assume bitreverse bswap canonicalize ceil copysign cos ctlz ctpop cttz exp exp2 expect
    fabs floor fma fmuladd frexp fshl fshr get.active.lane.mask is.constant is.fpclass ldexp
    lifetime log log10 log2 masked maximum maximumnum maxnum memcpy memmove memset minimum minimumnum minnum
    nearbyint pow powi prefetch ptrmask rint round roundeven sadd scmp sin sincos smax smin smul
    sqrt sshl ssub stepvector tan trunc uadd ucmp umax umin umul ushl usub vector vp lrint llrint
    lround llround
    experimental.vector experimental.get.vector.length experimental.cttz.elts
    x86.avx x86.avx2 x86.avx512 x86.bmi x86.fma x86.pclmulqdq x86.sse x86.sse2 x86.sse3 x86.sse41
    x86.sse42 x86.ssse3 x86.aesni x86.xop
    aarch64.neon aarch64.crc32b aarch64.crc32h aarch64.crc32w aarch64.crc32x aarch64.crc32cb
    aarch64.crc32ch aarch64.crc32cw aarch64.crc32cx aarch64.crypto aarch64.sve
    """.split()  # noqa: SIM905 - a word list is read more easily
"""Beginnings, at a dot, of the intrinsics that an answer may use, without `llvm.`."""
_ALLOWED = re.compile(rf"llvm\.(?:{'|'.join(map(re.escape, INTRINSICS))})(?:\.|$)")
_GLOBAL = re.compile(rf"@({NAME})")
_OLD_POINTER = re.compile(r"(?<![\w.])(?:i\d+|float|double|void|half|%[-\w.$]+)\s*\*")
_TABLE = re.compile(
    r"@[-\w.$]+\s*=\s*(private|internal)\s+((local_)?unnamed_addr\s+)?constant\s[^@]*"
)
_TABLE_BANNED = re.compile(r"\b(section|comdat|partition|thread_local)\b")
_ASM = re.compile(r"\basm\b")
_QUOTED = re.compile(r'"[^"\n]*"')


def part_objection(part: Entity, module: tuple[Entity, ...]) -> Malformation | None:
    """Return why an answer must not hold this beside its function."""
    known = {(m.kind, m.name): m for m in module if m.name}
    same = known.get((part.kind, part.name))
    if part.kind in {"attributes", "metadata", "dropped"}:
        return None
    if part.kind == "type" and same is not None and same.text.split() == part.text.split():
        return None
    if part.kind == "global":
        return _table_objection(part, same, {m.name for m in module})
    if part.kind == "declare":
        return _declare_objection(part, {m.name for m in module})
    if part.kind == "define":
        text = f"The function {shortened(part.name)!r} is not yours to define; write one function."
        return Malformation(Malformed.TWO_CANDIDATES, text)
    return Malformation(
        Malformed.WRONG_LANGUAGE,
        f"{shortened(part.text)!r} must not stand beside the function; types, globals and the rest "
        "of the module stay as they are.",
    )


def body_objection(lines: Iterable[Line]) -> Malformation | None:
    """Return what a function's body must not contain."""
    for line in lines:
        code = _QUOTED.sub('""', line.code)
        if old := _OLD_POINTER.search(code):
            text = f"{shortened(old[0])!r} is a pointer of old LLVM versions; write `ptr`."
            return Malformation(Malformed.WRONG_LANGUAGE, text)
        if _ASM.search(code):
            text = "Inline assembly is not allowed in IR; use instructions and intrinsics."
            return Malformation(Malformed.WRONG_LANGUAGE, text)
        if has_metadata(line):
            text = f"{shortened(line.plain)!r} needs metadata, which an answer cannot define."
            return Malformation(Malformed.WRONG_LANGUAGE, text)
    return None


def new_intrinsics(lines: Iterable[Line], module: tuple[Entity, ...]) -> dict[str, Line]:
    """Return the intrinsics that a body mentions and the module does not know, with a line each."""
    known = {m.name for m in module if m.kind in {"declare", "define"}}
    found: dict[str, Line] = {}
    for line in lines:
        if "@llvm." in line.code:
            for name in _GLOBAL.findall(_QUOTED.sub('""', line.code)):
                if name.startswith("llvm.") and name not in known:
                    found.setdefault(name, line)
    return found


def intrinsic_objection(name: str) -> Malformation | None:
    """Return why an intrinsic must not be used."""
    if _ALLOWED.match(name):
        return None
    text = f"The intrinsic {shortened(name)!r} is not on the list of those that may be used."
    return Malformation(Malformed.UNKNOWN_OPTION, text)


def declarations(intrinsics: dict[str, Line], answer: Iterable[Entity]) -> Iterator[str]:
    """Yield a declaration for each intrinsic: the answer's own, or what its call implies."""
    own = {p.name: read_header(p.text) for p in answer if p.kind == "declare"}
    for name, line in intrinsics.items():
        header = own.get(name)
        text = _implied(name, line.code) if header is None else f"declare {header.brief}"
        if text is not None:
            yield text


def library_declarations(answer: Iterable[Entity], module: tuple[Entity, ...]) -> Iterator[str]:
    """Yield declarations of library functions that only the answer knows."""
    known = {m.name for m in module}
    for part in answer:
        if (
            part.kind == "declare"
            and part.name not in known
            and part.name.startswith("llvm.") is False
        ):
            header = read_header(part.text)
            if header is not None:
                yield f"declare {header.brief}"


def new_tables(answer: Iterable[Entity], module: tuple[Entity, ...]) -> Iterator[str]:
    """Yield the constant tables that the answer adds."""
    known = {m.name for m in module}
    for part in answer:
        if part.kind == "global" and part.name not in known:
            yield part.text


def brief_context(header: Header, lines: Iterable[Line], module: tuple[Entity, ...]) -> list[str]:
    """Return the types, globals and functions that a function mentions, one line each."""
    text = "\n".join(line.code for line in lines)
    mentioned = {f"@{name}" for name in _GLOBAL.findall(text)} - {f"@{header.name}"}
    mentioned |= {f"%{name}" for name in re.findall(rf"%({NAME})", text)}
    found = []
    for part in module:
        if part.kind == "type" and f"%{part.name}" in mentioned:
            found.append(part.text)
        elif part.kind == "global" and f"@{part.name}" in mentioned:
            found.append(shortened(part.text, 160))
        elif part.kind in {"define", "declare"} and f"@{part.name}" in mentioned:
            other = read_header(part.text)
            if other is not None and not part.name.startswith("llvm."):
                found.append(f"{part.kind} {_expectations(other)}")
    return found


def _expectations(header: Header) -> str:
    """Return a function with what its parameters are taken for: its body may rely on that."""
    parameters = ", ".join(
        " ".join((p.type, *(a for a in p.attributes if not depends_on_body(a))))
        for p in header.parameters
    )
    return f"{header.returns} @{header.name}({parameters})"


def _table_objection(part: Entity, same: Entity | None, taken: set[str]) -> Malformation | None:
    if same is not None and same.text.split() == part.text.split():
        return None
    if part.name in taken:
        text = f"The global {shortened(part.name)!r} is in the module already and stays as it is."
        return Malformation(Malformed.TWO_CANDIDATES, text)
    if _TABLE.fullmatch(part.text) and not _TABLE_BANNED.search(_QUOTED.sub('""', part.text)):
        return None
    text = f"{shortened(part.text)!r}: only `private unnamed_addr constant` tables may be added."
    return Malformation(Malformed.WRONG_LANGUAGE, text)


def _declare_objection(part: Entity, taken: set[str]) -> Malformation | None:
    from coopbench.harness.verify.scan import KERNEL_IMPORTS

    if part.name in taken:
        return None
    if part.name.startswith("llvm."):
        return intrinsic_objection(part.name)
    if part.name in KERNEL_IMPORTS:
        return None
    text = f"The function {shortened(part.name or part.text)!r} may not be called from here."
    return Malformation(Malformed.UNKNOWN_OPTION, text)


def _implied(name: str, code: str) -> str | None:
    """Return the declaration that a call implies, None if the line is no plain call."""
    at = code.find(f"@{name}(")
    start = code.rfind("call ", 0, at)
    if start < 0:
        return None
    opening = at + len(name) + 1
    end = closing(code, opening)
    before = words(code[start + len("call ") : at])
    given = [words(a) for a in arguments(code[opening + 1 : end])]
    if end < 0 or not before or not all(given) or before[-1].endswith(")"):
        return None
    types = ", ".join(parts[0] for parts in given)
    return f"declare {before[-1]} @{name}({types})"
