"""Splits an answer into fenced blocks and the prose around them.

CommonMark's rules for fences, with the leniency that answers need: any indentation, fences
inside a block that only wraps the answer, and fences that are never closed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_FENCE = re.compile(r"[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)")
_WRAPPERS = frozenset({"", "markdown", "md", "text", "txt", "plaintext", "answer", "output"})
_MOST_DEPTH = 4


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    language: str
    """First word behind the opening fence, in lower case; may be empty."""
    text: str
    closed: bool


@dataclass
class _Open:
    fence: str
    language: str
    indent: int
    lines: list[str] = field(default_factory=list)

    def block(self, *, closed: bool) -> Block:
        lines = [_dedented(line, self.indent) for line in self.lines]
        return Block(self.language, "\n".join(lines), closed)

    @property
    def wraps(self) -> bool:
        """Whether it can only be a wrapper around the fence that comes next."""
        blank = not any(line.strip() for line in self.lines)
        return self.language in _WRAPPERS and (blank or self.language != "")


def split(text: str) -> tuple[tuple[Block, ...], str]:
    """Return the fenced blocks of an answer in order, and the prose around them."""
    blocks: list[Block] = []
    prose: list[str] = []
    for part in _parts(text, 0):
        if isinstance(part, Block):
            blocks.append(part)
        else:
            prose.append(part)
    return tuple(blocks), "\n".join(prose).strip()


def _parts(text: str, depth: int) -> Iterator[Block | str]:
    for part in _flat_parts(text):
        wrapped = isinstance(part, Block) and part.language in _WRAPPERS and depth < _MOST_DEPTH
        if isinstance(part, Block) and wrapped and _has_fence(part.text):
            yield from _parts(part.text, depth + 1)
        else:
            yield part


def _flat_parts(text: str) -> Iterator[Block | str]:
    current: _Open | None = None
    for line in text.split("\n"):
        fence = _FENCE.fullmatch(line)
        if current is None:
            if fence is None:
                yield line
            else:
                current = _opened(line, fence)
        elif fence is not None and _closes(fence, current):
            yield current.block(closed=True)
            current = None
        elif fence is not None and _opens_another(fence, current):
            # A fence with a language cannot be part of code: the one before was not closed.
            yield from current.lines if current.wraps else (current.block(closed=False),)
            current = _opened(line, fence)
        else:
            current.lines.append(line)
    # The closing fence of a wrapper that was taken off is left over, with nothing behind it.
    if current is not None and (current.language or any(s.strip() for s in current.lines)):
        yield current.block(closed=False)


def _opened(line: str, fence: re.Match[str]) -> _Open:
    info = fence["info"].split()
    language = re.sub(r"[{}.,:;=].*", "", info[0].lstrip("{.")) if info else ""
    return _Open(fence["fence"], language.lower(), len(line) - len(line.lstrip()))


def _closes(fence: re.Match[str], current: _Open) -> bool:
    mark = fence["fence"]
    same = mark[0] == current.fence[0] and len(mark) >= len(current.fence)
    return same and not fence["info"].strip()


def _opens_another(fence: re.Match[str], current: _Open) -> bool:
    return fence["fence"] == current.fence and bool(re.match(r"[\w{.]", fence["info"]))


def _has_fence(text: str) -> bool:
    return any(_FENCE.fullmatch(line) for line in text.split("\n"))


def _dedented(line: str, indent: int) -> str:
    own = len(line) - len(line.lstrip(" \t"))
    return line[min(indent, own) :]
