"""Which level a gain comes from: the winner judged again without one level's edits at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coopbench.harness.base import Level
from coopbench.harness.model import AblationRef, Trial
from coopbench.reports import wording
from coopbench.reports.claims import Result
from coopbench.reports.load import TargetData
from coopbench.reports.search.level_claims import claim_of
from coopbench.reports.search.parts import LevelPart, factor_of


@dataclass(frozen=True)
class Attribution:
    """A trial's winner and what it is without each of its levels."""

    winner: Result
    parts: tuple[LevelPart, ...]
    """In the order C, IR, assembly; levels that the winner did not edit are not there."""
    leading: LevelPart | None
    """The level that gives most, if the intervals tell it apart from all others and from 1."""
    claim: str
    """One line: what is claimed, or why nothing is."""

    @property
    def has_dependants(self) -> bool:
        """Whether later edits had to go with those of some level."""
        return any(p.with_dependants for p in self.parts)


def attributions(
    data: TargetData, results: Mapping[str, Result], *, healthy: bool
) -> tuple[Attribution, ...]:
    """Attribute the gain of every trial on a target whose winner was judged in parts.

    Args:
        data: The target's tables.
        results: Result of each trial, by trial id.
        healthy: Whether the target's controls held; without them nothing is claimed.
    """
    parts: dict[str, list[Trial]] = {}
    for trial in data.ablations:
        parts.setdefault(trial.ablation_of or "", []).append(trial)
    return tuple(
        _attribute(results[t.id], [results[p.id] for p in parts.get(t.id, [])], healthy=healthy)
        for t in data.trials
        if t.id in parts or t.ablations
    )


def summary(found: Sequence[Attribution]) -> str:
    """Say in one sentence how often which level gives most; empty without any attribution."""
    if not found:
        return ""
    leading = Counter(a.leading.level for a in found if a.leading is not None)
    told = [
        f"{wording.level_name(level)} gives most in {leading[level]}"
        for level in Level
        if leading[level]
    ]
    rest = len(found) - sum(leading.values())
    if rest:
        told.append(f"for {rest} nothing is claimed of levels")
    return f"Of {wording.plural(len(found), 'winner')} judged in parts, {'; '.join(told)}."


def _attribute(winner: Result, judged: Sequence[Result], *, healthy: bool) -> Attribution:
    parts = [_part(winner, r) for r in judged]
    there = {p.level for p in parts}
    parts += [_unjudged(ref) for ref in winner.trial.ablations if ref.level not in there]
    ordered = tuple(sorted(parts, key=lambda p: list(Level).index(p.level)))
    leading, claim = claim_of(winner, ordered, healthy=healthy)
    return Attribution(winner, ordered, leading, claim)


def _part(winner: Result, without: Result) -> LevelPart:
    trial = without.trial
    assert trial.ablation is not None
    return LevelPart(trial.ablation, trial.with_dependants, without, factor_of(winner, without))


def _unjudged(ref: AblationRef) -> LevelPart:
    return LevelPart(ref.level, ref.with_dependants, None, None)
