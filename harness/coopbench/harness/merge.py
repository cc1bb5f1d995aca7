"""Three-way merge of texts by lines, for edits that are moved to another version of a text.

The method of diff3 (Khanna, Kunal, Pierce: A formal investigation of diff3, FSTTCS 2007) on
difflib's matching blocks; the merge libraries at hand are under licences we cannot depend on.
"""

from collections.abc import Iterator
from difflib import Match, SequenceMatcher

Lines = list[str]


def merge(base: str, ours: str, theirs: str) -> str | None:
    """Return `ours` with what `theirs` changed in `base`; None if both changed the same place."""
    old, left, right = (t.splitlines(keepends=True) for t in (base, ours, theirs))
    merged: Lines = []
    at_old = at_left = at_right = 0
    for stable, in_left, in_right, length in _stable(old, left, right):
        chunk = _chunk(old[at_old:stable], left[at_left:in_left], right[at_right:in_right])
        if chunk is None:
            return None
        merged += chunk
        merged += old[stable : stable + length]
        at_old, at_left, at_right = stable + length, in_left + length, in_right + length
    return "".join(merged)


def _chunk(old: Lines, left: Lines, right: Lines) -> Lines | None:
    if right in (left, old):
        return left
    return right if left == old else None


def _stable(old: Lines, left: Lines, right: Lines) -> Iterator[tuple[int, int, int, int]]:
    """Yield runs of lines that all three have (positions and length), and the common end."""
    to_left, to_right = _matches(old, left), _matches(old, right)
    i = j = 0
    while i < len(to_left) and j < len(to_right):
        a, b = to_left[i], to_right[j]
        start = max(a.a, b.a)
        end = min(a.a + a.size, b.a + b.size)
        if start < end:
            yield start, a.b + start - a.a, b.b + start - b.a, end - start
        if a.a + a.size < b.a + b.size:
            i += 1
        else:
            j += 1
    yield len(old), len(left), len(right), 0


def _matches(old: Lines, new: Lines) -> list[Match]:
    return SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
