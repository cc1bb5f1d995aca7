"""Disassembly of objects, and whether two objects hold the same instructions."""

import re
from dataclasses import replace
from pathlib import Path

from coopbench.harness.errors import InfraError
from coopbench.harness.toolchain.step import BuildFailure, Context, Step, run_step

_FLAGS = ("--disassemble", "--reloc", "--no-show-raw-insn", "--no-leading-addr")
_SYMBOL = re.compile(r"^<(.+)>:$")
_PADDING = re.compile(r"^(?:nop[wlq]?\b|data16\b.*\bnop|xchgw\t%ax, %ax|udf\t#0x0$)")
_SECTION = re.compile(r"^Disassembly of section (.+):$")


def disassemble(context: Context, path: Path) -> str:
    """Return the disassembly of an object or executable, with relocations, one instruction a line.

    Raises:
        InfraError: if the file is no object, which is a mistake of ours.
    """
    step = Step(
        stage="disassembler",
        tool=context.compilers.toolkit.objdump,
        args=(*_FLAGS, "in.o"),
        inputs=(("in.o", path.read_bytes()),),
        output=None,
    )
    made = run_step(replace(context, confinement=None), step)
    if isinstance(made, BuildFailure):
        raise InfraError(f"cannot disassemble {path.name}: {made.reason}")
    return made.text()


def instructions(disassembly: str) -> dict[str, tuple[str, ...]]:
    """Return the instructions and relocations of every function, without padding between them.

    Alignment padding is left out because an assembler may fill the same gap in several ways.
    """
    functions: dict[str, list[str]] = {}
    section, current = "", functions.setdefault("", [])
    for line in disassembly.splitlines():
        text = line.strip()
        if match := _SECTION.match(text):
            section = match[1]
        elif match := _SYMBOL.match(text):
            current = functions.setdefault(f"{section} {match[1]}", [])
        elif text and not _PADDING.match(text) and "file format" not in text:
            current.append(text)
    return {name: tuple(lines) for name, lines in functions.items() if lines}


def same_instructions(context: Context, a: Path, b: Path) -> str | None:
    """Compare the code of two objects.

    Returns:
        None if every function has the same instructions and relocations in both, else the first
        difference in one line.
    """
    left = instructions(disassemble(context, a))
    right = instructions(disassemble(context, b))
    if left.keys() != right.keys():
        odd = sorted(left.keys() ^ right.keys())[0]
        return f"only one of them has {odd}"
    for name, lines in left.items():
        others = right[name]
        if lines != others:
            pairs = zip(lines, others, strict=False)
            at = next((i for i, (x, y) in enumerate(pairs) if x != y), min(len(lines), len(others)))
            shown = [code[at] if at < len(code) else "(its end)" for code in (lines, others)]
            return f"{name}, instruction {at}: {shown[0]!r} and {shown[1]!r}"
    return None
