"""What each level contributed to a winner: its chain is built anew without one level's edits.

Leave-one-out: every edit of one level is left out and the others are made again on top of what
remains. Recipes are simply changed again; rewritten text is carried over by a three-way merge.
Where that cannot be done, or the result fails the visible tests, the edits that were made on
top of those left out go as well, and the ablation says so.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from coopbench.harness.base import Level
from coopbench.harness.merge import merge
from coopbench.harness.model import Candidate
from coopbench.harness.optimizer import Ablation, BuildFailed, ChainStep, Workbench
from coopbench.harness.trajectory import event

_RECIPE_FIELDS = ("frontend", "passes", "pass_options", "codegen")


def ablations(bench: Workbench, chain: Sequence[ChainStep]) -> tuple[Ablation, ...]:
    """Return a winner's ablations, one for every level that its chain edits.

    Args:
        bench: A workbench that costs the entrant nothing.
        chain: From the original to the winner.

    Returns:
        None at all if the chain edits fewer than two levels: the whole gain is that level's.
    """
    levels = [level for level in Level if any(s.edit is level for s in chain)]
    if len(levels) < 2:
        return ()
    found = [_ablation(bench, chain, level) for level in levels]
    return tuple(a for a in found if a is not None)


def _ablation(bench: Workbench, chain: Sequence[ChainStep], level: Level) -> Ablation | None:
    for carry in (True, False):
        rest = _rest(bench, chain, level, carry=carry)
        if rest is None:
            continue
        if bench.check(rest.candidate).passed:
            _note(bench, level, rest.candidate, dropped=rest.dropped)
            return Ablation(level, rest.candidate, with_dependants=rest.dropped)
    bench.record(event("attribution", f"nothing is left without {level.value}", level=level))
    return None


@dataclass(frozen=True)
class _Rest:
    candidate: Candidate
    dropped: bool
    """Whether edits of other levels had to go."""


def _rest(
    bench: Workbench, chain: Sequence[ChainStep], level: Level, *, carry: bool
) -> _Rest | None:
    """Make a chain's steps again without a level's edits; None if a lowering fails.

    Args:
        bench: Lowers.
        chain: From the original to the winner.
        level: Whose edits are left out.
        carry: Carry rewritten text over to a changed text; else drop such edits.
    """
    now, dropped = chain[0].candidate, False
    for before, step in itertools.pairwise(chain):
        if step.step == "lower":
            passes = None if step.edit is level else step.passes
            lowered = bench.lower(now, step.candidate.level, passes)
            if isinstance(lowered, BuildFailed):
                return None
            now = lowered
        elif step.edit is level:
            continue
        elif step.step == "rewrite":
            rewritten = _rewritten(now, before.candidate, step.candidate, carry=carry)
            dropped |= rewritten is None
            now = rewritten or now
        else:
            now = _with_recipe_of(now, before.candidate, step.candidate)
    return _Rest(now.model_copy(update={"made_by": f"without {level.value}"}), dropped)


def _rewritten(
    now: Candidate, before: Candidate, after: Candidate, *, carry: bool
) -> Candidate | None:
    """Make an edit again on another text; None if that cannot be done."""
    if now.files == before.files:
        return now.model_copy(update={"files": after.files})
    if not carry or set(now.files) != set(before.files) or set(now.files) != set(after.files):
        return None
    files: dict[str, str] = {}
    for name, text in now.files.items():
        merged = merge(before.files[name], text, after.files[name])
        if merged is None:
            return None
        files[name] = merged
    return now.model_copy(update={"files": files})


def _with_recipe_of(now: Candidate, before: Candidate, after: Candidate) -> Candidate:
    """Change a recipe as a step did, leaving what the step left."""
    changed = {
        name: getattr(after.recipe, name)
        for name in _RECIPE_FIELDS
        if getattr(after.recipe, name) != getattr(before.recipe, name)
    }
    return now.model_copy(update={"recipe": now.recipe.model_copy(update=changed)})


def _note(bench: Workbench, level: Level, candidate: Candidate, *, dropped: bool) -> None:
    also = " and of what was made on top of them" if dropped else ""
    text = f"{candidate.id} is the winner without the edits of {level.value}{also}"
    bench.record(event("attribution", text, level=level, candidate=candidate.id))
