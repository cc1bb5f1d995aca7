"""Where the models' answers came from, with replayed tapes named as what they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from coopbench.reports.search.spending import Spent, sources_of

_TAPED = ", replayed from a tape of "
"""How a source that was not asked in this run is written in the records."""


@dataclass(frozen=True)
class Source:
    """One origin of answers."""

    text: str
    """As recorded, e.g. `api: <model> at <host>`, without the tape."""
    recorded: str | None
    """When the tape was recorded if the answers were replayed, else None."""
    answers: int
    entrants: tuple[tuple[str, int], ...]
    """Who got how many."""

    @property
    def line(self) -> str:
        """The origin in one line."""
        who = ", ".join(f"{name} {n}" for name, n in self.entrants)
        if self.recorded is None:
            return f"{self.answers} from {self.text} ({who})"
        tape = f"replayed, not asked now, from a tape of {self.recorded}"
        return f"{self.answers} {tape}: {self.text} ({who})"


@dataclass(frozen=True)
class Provenance:
    """All origins of the answers of a run."""

    sources: tuple[Source, ...]
    """The most frequent first."""
    estimated_calls: int
    """Calls whose tokens were estimated from the texts."""
    model_calls: int
    """All calls, every attempt counted."""

    @property
    def replayed(self) -> int:
        """Answers from tapes."""
        return sum(s.answers for s in self.sources if s.recorded is not None)

    @property
    def text(self) -> str:
        """The origins as one sentence."""
        if not self.sources:
            return "Model answers: none."
        return f"Model answers: {'; '.join(s.line for s in self.sources)}."


def provenance(spent: Sequence[Spent]) -> Provenance | None:
    """Collect where the answers of a run's entrants came from; None if none uses models."""
    if not spent:
        return None
    found: dict[str, dict[str, int]] = {}
    for s in spent:
        for source, answers in sources_of(s.trials):
            by_entrant = found.setdefault(source, {})
            by_entrant[s.entrant.name] = by_entrant.get(s.entrant.name, 0) + answers
    sources = [_source(text, by_entrant) for text, by_entrant in found.items()]
    return Provenance(
        tuple(sorted(sources, key=lambda s: (-s.answers, s.text, s.recorded or ""))),
        estimated_calls=sum(s.total.estimated_calls for s in spent),
        model_calls=sum(s.total.model_calls for s in spent),
    )


def _source(text: str, by_entrant: dict[str, int]) -> Source:
    origin, taped, recorded = text.rpartition(_TAPED)
    return Source(
        text=origin if taped else text,
        recorded=recorded if taped else None,
        answers=sum(by_entrant.values()),
        entrants=tuple(by_entrant.items()),
    )
