"""The machine code of a candidate in its executable: its own functions only, with addresses."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from coopbench.harness.errors import InfraError
from coopbench.harness.toolchain.link import link_step
from coopbench.harness.toolchain.step import Artifact, BuildFailure, Step, run_step
from coopbench.harness.tools.parts import Parts

_SECTION = re.compile(r"^ *([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+) +\d+ +(\d+)\.o:\(", re.MULTILINE)
"""A line of the linker's map: address, load address, size, alignment, `FILE:(SECTION)`."""
_LABEL = re.compile(r"^([0-9a-f]+) <(.+)>:$")
_INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(\S.*)$")
_TARGET = re.compile(r"\b0x([0-9a-f]+) <")
_ENDS_BLOCK = {
    "x86_64": re.compile(r"(?:j\w+|loop\w*|ret\w*|ud2)\b"),
    "aarch64": re.compile(r"(?:b|b\.\w+|cbn?z|tbn?z|br|bra\w+|ret|reta\w)\b(?!\.)"),
}
_MAP = ("--Map=out.map",)
_WITH_SYMBOLS = ("--strip-debug",)  # the last such option wins over --strip-all


@dataclass(frozen=True)
class Instruction:
    """An instruction in an executable."""

    address: int
    function: str
    """The symbol it comes after."""
    ends_block: bool
    """Whether control may go elsewhere after it (calls return, so they do not count)."""
    target: int | None
    """Where it jumps to, if the text says so."""


@dataclass(frozen=True)
class OwnCode:
    """A candidate's own functions as they lie in its executable in canonical layout."""

    text: str
    """Disassembly with addresses."""
    instructions: tuple[Instruction, ...]
    """By address."""


def own_code(parts: Parts, objects: Sequence[Path]) -> OwnCode | BuildFailure:
    """Disassemble a candidate's functions in the executable that is run.

    The executable is linked anew with its symbols, which changes no address.

    Args:
        parts: Of the candidate's benchmark and target.
        objects: The candidate's objects, which have been linked before.

    Raises:
        InfraError: if the machine is at fault.
    """
    linked = _link(parts, objects, _WITH_SYMBOLS, "out.exe")
    mapped = _link(parts, objects, _MAP, "out.map")
    for made in (linked, mapped):
        if isinstance(made, BuildFailure):
            return made
    assert isinstance(linked, Artifact)
    assert isinstance(mapped, Artifact)
    mine = range(len(parts.driver), len(parts.driver) + len(objects))
    spans = [
        range(int(address, 16), int(address, 16) + int(size, 16))
        for address, size, number in _SECTION.findall(mapped.text())
        if int(number) in mine and int(size, 16)
    ]
    text = _disassembled(parts, linked, spans)
    ends = _ENDS_BLOCK[parts.target.arch]
    return OwnCode(text, tuple(_parsed(text, ends)))


def _link(
    parts: Parts, objects: Sequence[Path], flags: tuple[str, ...], output: str
) -> Artifact | BuildFailure:
    context = replace(parts.builder.context, confinement=None)  # reads only objects of our making
    files = (*parts.driver, *objects)
    named = tuple((f"{i}.o", path.read_bytes()) for i, path in enumerate(files))
    runtime = parts.builder.runtime(parts.target.arch)
    step = link_step(context, runtime, named, flags=flags)
    return run_step(context, replace(step, output=output))


def _disassembled(parts: Parts, exe: Artifact, spans: Sequence[range]) -> str:
    """Return the lines of the disassembly that lie in the spans, and the labels before them."""
    context = replace(parts.builder.context, confinement=None)
    step = Step(
        stage="disassembler",
        tool=context.compilers.toolkit.objdump,
        args=("--disassemble", "--no-show-raw-insn", "in.exe"),
        inputs=(("in.exe", exe.read()),),
        output=None,
    )
    made = run_step(context, step)
    if isinstance(made, BuildFailure):
        raise InfraError(f"cannot disassemble an executable: {made.reason}")
    kept: list[str] = []
    for line in made.text().splitlines():
        label, code = _LABEL.match(line), _INSTRUCTION.match(line)
        found = label or code
        if found is None or not any(int(found[1], 16) in span for span in spans):
            continue
        if label is not None:
            kept.append("")
        kept.append(line)
    return "\n".join([*kept, ""]).lstrip("\n")


def _parsed(text: str, ends: re.Pattern[str]) -> Iterator[Instruction]:
    function = ""
    for line in text.splitlines():
        if label := _LABEL.match(line):
            function = label[2]
        elif code := _INSTRUCTION.match(line):
            words = code[2]
            leaves = ends.match(words) is not None
            target = _TARGET.search(words) if leaves else None
            yield Instruction(
                int(code[1], 16), function, leaves, int(target[1], 16) if target else None
            )
