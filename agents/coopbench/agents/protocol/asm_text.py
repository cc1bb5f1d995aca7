"""Assembly text as statements: labels, instructions, directives; without comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Arch = Literal["x86_64", "aarch64"]
COMMENT = {"x86_64": "#", "aarch64": "//"}
"""Mark of a comment in what a model is shown."""

_BLOCK_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_LINE_COMMENT = {"x86_64": re.compile(r"#|//"), "aarch64": re.compile(r"//|^\s*#")}
_LABEL = re.compile(r"\s*([.A-Za-z_$][\w.$]*|\d+)\s*:(?!:)")
_WORDS = re.compile(r"(\S+)\s*(.*)", re.DOTALL)
SYMBOL = re.compile(r"(?<![\w.$%])[.A-Za-z_][\w.$]*")


@dataclass(frozen=True)
class Statement:
    """One statement."""

    kind: Literal["label", "directive", "instruction"]
    name: str
    """The label; the directive with its dot; the mnemonic."""
    operands: str = ""
    """With single spaces."""

    @property
    def text(self) -> str:
        """The statement as a line."""
        if self.kind == "label":
            return f"{self.name}:"
        return f"\t{self.name}\t{self.operands}" if self.operands else f"\t{self.name}"


def statements(text: str, arch: Arch) -> Iterator[Statement]:
    """Yield the statements of code; comments and blank lines are left out.

    Strings are not looked into: code has none, and whoever reads an answer refuses quotes.
    """
    for line in _BLOCK_COMMENT.sub(" ", text).split("\n"):
        comment = _LINE_COMMENT[arch].search(line)
        plain = line if comment is None else line[: comment.start()]
        for part in plain.split(";"):
            yield from _of_part(part)


def _of_part(part: str) -> Iterator[Statement]:
    rest = part
    while (label := _LABEL.match(rest)) is not None:
        yield Statement("label", label[1])
        rest = rest[label.end() :]
    words = _WORDS.match(rest.strip())
    if words is not None:
        kind: Literal["directive", "instruction"]
        kind = "directive" if words[1].startswith(".") else "instruction"
        yield Statement(kind, words[1], " ".join(words[2].split()))


def comments(text: str, arch: Arch) -> Iterator[str]:
    """Yield the comments that stand alone on their lines, without their marks."""
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped.startswith((COMMENT[arch], "//", "/*", "#", ";", "@")):
            yield stripped.strip("#/*;@ \t")


def defined_label(line: str) -> str | None:
    """Return the label at the start of a line of a compiler's output."""
    match = _LABEL.match(line)
    return match[1] if match else None


def without_fill(alignment: str) -> str:
    """Return the operands of a `.p2align` without the fill value, e.g. `4` or `4, , 10`.

    Given a fill value the pinned assembler fills code with single-byte instructions.
    """
    values = [v.strip() for v in alignment.split(",")]
    return f"{values[0]}, , {values[2]}" if len(values) > 2 and values[2] else values[0]


def symbols(text: str) -> set[str]:
    """Return the words in operands that may be symbols."""
    return set(SYMBOL.findall(text))
