"""What of a tape counts, by trial and key: later takes and answers stand for earlier ones."""

from collections.abc import Iterable, Iterator

from coopbench.agents.backends.tape_entries import AnswerEntry, Entry, ObservationEntry, TakeEntry


class TapeIndex:
    """The recordings of a tape by trial.

    Args:
        entries: In the order of the tape.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._answers: dict[str, dict[tuple[str, int], AnswerEntry]] = {}
        self._values: dict[str, dict[tuple[str, int], ObservationEntry]] = {}
        self._models: dict[str, str] = {}
        self.doubles: list[AnswerEntry] = []
        """Recordings whose place was taken already; they are ignored."""
        self.voided = 0
        """Recordings that no longer count, because their trial was recorded anew."""
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """Add the next entry."""
        match entry:
            case TakeEntry():
                self.voided += len(self._answers.pop(entry.scope, {}))
                self._values.pop(entry.scope, None)
            case AnswerEntry():
                self._add_answer(entry)
            case ObservationEntry():
                values = self._values.setdefault(entry.scope, {})
                values.setdefault((entry.key, entry.n), entry)

    def _add_answer(self, entry: AnswerEntry) -> None:
        answers = self._answers.setdefault(entry.request.scope, {})
        place = (entry.key, entry.n)
        before = answers.get(place)
        # A call that failed is asked again when what is missing is recorded.
        if before is None or before.answer is None:
            answers[place] = entry
        else:
            self.doubles.append(entry)
        self._models[entry.request.role] = entry.request.model

    @property
    def scopes(self) -> tuple[str, ...]:
        """The trials that it holds."""
        return tuple(dict.fromkeys((*self._answers, *self._values)))

    def answers(self, scope: str | None = None) -> Iterator[AnswerEntry]:
        """Iterate over the recordings that count, of one trial or all."""
        for name, answers in self._answers.items():
            if scope is None or name == scope:
                yield from answers.values()

    def values(self, scope: str) -> Iterator[ObservationEntry]:
        """Iterate over the observations of a trial."""
        yield from self._values.get(scope, {}).values()

    def answer(self, scope: str, key: str, n: int) -> AnswerEntry | None:
        """Return the n-th recording of a key, counted from 0."""
        return self._answers.get(scope, {}).get((key, n))

    def value(self, scope: str, key: str, n: int) -> ObservationEntry | None:
        """Return the n-th observation of a key, counted from 0."""
        return self._values.get(scope, {}).get((key, n))

    def model(self, scope: str, role: str) -> str:
        """Return the model that a role of a trial asked last when it was recorded."""
        asked = [e.request.model for e in self.answers(scope) if e.request.role == role]
        return asked[-1] if asked else self._models.get(role, "")

    def model_of_role(self, role: str) -> str:
        """Return the model that a role asked last, in whatever trial; `""` stands for any role."""
        if role in self._models or not self._models:
            return self._models.get(role, "")
        return list(self._models.values())[-1]
