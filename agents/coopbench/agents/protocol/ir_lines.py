"""Lines of an IR function's body: taken apart, compared, and matched with those of another version."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from coopbench.agents.protocol.ir_text import NAME, label_of, uncommented

_VALUE = r"!(?:\d+|\{[^{}\n]*\}|[A-Za-z]\w*\([^()\n]*\)|\"[^\"\n]*\")"
_ATTACHED = re.compile(rf"\s*,\s*(![-A-Za-z$._\\][-\w$.\\]*)\s+({_VALUE})\s*$")
_GROUPS = re.compile(r"(?<=\))((?:\s*#\d+)+)(?=\s*(?:$|\[))")
_LOCAL = re.compile(rf"%({NAME})")
_DEFINED = re.compile(rf"(%{NAME})\s*=")
_QUOTED = re.compile(r'"[^"\n]*"')
_NO_CODE = ("#dbg_", "uselistorder")
_SCOPE = "@llvm.experimental.noalias.scope.decl("


@dataclass(frozen=True)
class Line:
    """A line of a body, without comment."""

    code: str
    """Without attribute groups and metadata; indentation kept."""
    groups: str
    """References to attribute groups, e.g. `#3`; empty if there are none."""
    metadata: tuple[tuple[str, str], ...]
    """Kind and value of every attachment, e.g. `("!tbaa", "!5")`."""

    @property
    def plain(self) -> str:
        """The code with single spaces."""
        return " ".join(self.code.split())

    @property
    def defines(self) -> str | None:
        """The value that the line defines, with `%`."""
        match = _DEFINED.match(self.code.strip())
        return match[1] if match else None

    @property
    def label(self) -> str | None:
        """The label that the line defines, without `%`."""
        return label_of(self.code)


def take_apart(text: str) -> Line | None:
    """Read one line; None if it holds no code: blank, a comment, a debug record."""
    code = uncommented(text)
    stripped = code.strip()
    if not stripped or stripped.startswith(_NO_CODE) or _SCOPE in code:
        return None
    metadata: list[tuple[str, str]] = []
    while "!" in code and (found := _ATTACHED.search(code)):
        metadata.append((found[1], found[2]))
        code = code[: found.start()]
    groups = ""
    if "#" in code and (match := _GROUPS.search(code)):
        groups = " ".join(match[1].split())
        code = code[: match.start()] + code[match.end() :]
    return Line(code.rstrip(), groups, tuple(reversed(metadata)))


def has_metadata(line: Line) -> bool:
    """Whether metadata is left in the code itself, e.g. as an operand of a call."""
    return "!" in line.code and "!" in _QUOTED.sub("", line.code)


def locals_in(text: str) -> list[str]:
    """Return the local names in a line, with `%`."""
    return [f"%{name}" for name in _LOCAL.findall(text)]


def matched(old: list[Line], new: list[Line]) -> dict[int, int]:
    """Match the lines of a new body with equal ones of an old body; names of labels do not count.

    Returns:
        For each index of a new line that has a counterpart, the old line's index.
    """
    a, b = _masked(old), _masked(new)
    found: dict[int, int] = {}
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        found[head] = head
        head += 1
    matcher = SequenceMatcher(None, a[head:], b[head:], autojunk=False)
    for block in matcher.get_matching_blocks():
        for i in range(block.size):
            found[head + block.b + i] = head + block.a + i
    return found


def _masked(lines: list[Line]) -> list[str]:
    labels = {f"%{line.label}" for line in lines if line.label is not None}
    return [_without(line, labels) for line in lines]


def _without(line: Line, labels: set[str]) -> str:
    if line.label is not None:
        return ":"
    return _LOCAL.sub(lambda m: "%:" if m[0] in labels else m[0], line.plain)
