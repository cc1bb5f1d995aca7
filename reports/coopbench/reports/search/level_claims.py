"""Which level gives most, if that may be said of a winner."""

import math
from collections.abc import Sequence

from coopbench.reports import wording
from coopbench.reports.claims import Mark, Result
from coopbench.reports.search.parts import LevelPart, bounds, is_exact


def claim_of(
    winner: Result, parts: Sequence[LevelPart], *, healthy: bool
) -> tuple[LevelPart | None, str]:
    """Return the level that gives most, if that may be said, and the sentence."""
    obstacle = _obstacle(winner, parts, healthy=healthy)
    if obstacle:
        return None, obstacle
    first, others = _slowest_without(parts)
    assert first.factor is not None
    unclear = _unclear(first, alone=not others)
    if unclear:
        return None, unclear
    of = f"{wording.times(first.factor.value)} of {wording.times(winner.speedup)}"
    name = wording.level_name(first.level)
    if not others:
        return None, f"{name} gives {of}; no other level could be left out to compare"
    if first.with_dependants:
        return _with_rest(first, others, of)
    if not all(_apart(first, other) for other in others):
        return None, "levels cannot be told apart"
    return first, f"{name} gives most: {of}"


def _unclear(first: LevelPart, *, alone: bool) -> str:
    """Return why even the level with the largest factor gives nothing for sure, else nothing."""
    assert first.factor is not None
    if first.factor.low > 1:
        return ""
    if alone:
        return f"what {wording.level_name(first.level)} gives cannot be told from nothing"
    return "levels cannot be told apart: none by itself can be told from nothing"


def _with_rest(
    first: LevelPart, others: Sequence[LevelPart], of: str
) -> tuple[LevelPart | None, str]:
    """Judge a level whose removal took later edits along: their gain may not count as its own.

    All that the other levels give, each by itself, is taken away from it. What is left is less
    than its own share unless edits of other levels replace each other.
    """
    assert first.factor is not None
    gains = [p.factor.high for p in others if p.factor is not None]
    own = first.factor.low / math.prod(max(1.0, gain) for gain in gains)
    name = wording.level_name(first.level)
    if own <= max(1.0, *gains):
        return None, f"levels cannot be told apart: later edits rest on those of {name}"
    rest = f"with the later edits that rest on it, at least {wording.times(own)} without them"
    return first, f"{name} gives most: {of} {rest}"


def _obstacle(winner: Result, parts: Sequence[LevelPart], *, healthy: bool) -> str:
    """Return why nothing may be said of any level; empty if nothing stands in the way."""
    if winner.mark is not Mark.FASTER:
        return f"nothing to attribute: {winner.label}"
    if not healthy and not all(is_exact(r) for r in (winner, *(p.result for p in parts)) if r):
        return "nothing is claimed: the controls failed"
    for part in parts:
        if part.factor is None:
            why = "not judged" if part.result is None else part.result.label
            return (
                f"levels cannot be told apart: without {wording.level_name(part.level)}"
                f" there is no speedup ({why})"
            )
    return ""


def _slowest_without(parts: Sequence[LevelPart]) -> tuple[LevelPart, list[LevelPart]]:
    first = max(parts, key=lambda p: p.factor.value if p.factor else 0.0)
    return first, [p for p in parts if p is not first]


def _apart(first: LevelPart, other: LevelPart) -> bool:
    """Whether the winner is surely slower without the first level than without the other.

    Both factors share the winner, so the intervals of the two versions are compared instead.
    """
    if first.result is None or other.result is None:
        return False
    one, two = bounds(first.result), bounds(other.result)
    return one is not None and two is not None and one[1] < two[0]
