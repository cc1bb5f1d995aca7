"""What an optimizer changed, as unified diffs along the way from the original to the winner."""

import difflib
from collections.abc import Callable, Iterable, Mapping

from coopbench.harness.base import Level
from coopbench.harness.model import Candidate
from coopbench.harness.trajectory import Event


def diff_texts(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return a unified diff of two sets of files; empty if they are equal."""
    lines: list[str] = []
    for name in sorted({*before, *after}):
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            lines += difflib.unified_diff(
                old.splitlines(keepends=True),
                new.splitlines(keepends=True),
                f"a/{name}",
                f"b/{name}",
            )
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def diffs_along(
    events: Iterable[Event],
    winner: Candidate,
    original: Mapping[str, str],
    as_given: Callable[[Mapping[str, str]], Mapping[str, str]] = dict,
) -> tuple[tuple[Level, str], ...]:
    """Return the winner's edits, one diff for each level at which text was changed.

    A level's diff leads from the text as it was lowered to (or the original) to the text before
    it was lowered further (or the winner's).

    Args:
        events: The trajectory; without it only a winner at level C can be compared.
        winner: The candidate handed in.
        original: The benchmark's sources.
        as_given: Returns the files that the user knows for sources in C; default: the same.
    """
    known = {e.candidate: e for e in events if e.kind == "candidate" and e.candidate}
    first: dict[Level, Mapping[str, str]] = {Level.C: original}
    last: dict[Level, Mapping[str, str]] = {winner.level: winner.files}
    at: str | None = winner.id
    while at in known:
        event = known[at]
        files = event.data.get("files")
        if isinstance(files, dict) and event.level is not None:
            texts = {name: str(text) for name, text in files.items()}
            last.setdefault(event.level, texts)
            if event.data.get("step") == "lower":
                first[event.level] = texts
        at = event.parent
    made = []
    for level in Level:
        before, after = first.get(level), last.get(level)
        if before is None or after is None:
            continue
        if level is Level.C:
            before, after = as_given(before), as_given(after)
        made.append((level, diff_texts(before, after)))
    return tuple((level, text) for level, text in made if text)
