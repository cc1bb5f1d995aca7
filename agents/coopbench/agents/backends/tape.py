"""A tape around other backends: answers are recorded once and replayed anywhere.

The n-th identical request of a trial takes the n-th recording. What the tape does not hold is an
error when it is replayed, never a live call.
"""

import logging
import math
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from coopbench.agents.backends.key import KeyedRequest, key_of, keyed_request
from coopbench.agents.backends.model import (
    Answer,
    Backend,
    CallFailed,
    Capabilities,
    Request,
)
from coopbench.agents.backends.tape_entries import AnswerEntry, ObservationEntry, TakeEntry, now
from coopbench.agents.backends.tape_file import TapeWriter, read_tape
from coopbench.agents.backends.tape_index import TapeIndex
from coopbench.agents.backends.tape_miss import Miss, TapeMissError, explain
from coopbench.harness.errors import UsageError
from coopbench.harness.settings import TapeSettings

_log = logging.getLogger(__name__)


class Tape:
    """One open tape, shared by the backends of all roles; safe for several threads.

    Args:
        settings: Its file and what to do with it; `live` is no mode of a tape.

    Raises:
        UsageError: if the file is damaged, or there is none to replay.
    """

    def __init__(self, settings: TapeSettings) -> None:
        path = Path(settings.path)
        recording = read_tape(path)
        if settings.mode == "replay" and recording.header is None:
            raise UsageError(no_tape(settings))
        self.settings = settings
        self._header = recording.header
        self._index = TapeIndex(recording.entries)
        self._writer = TapeWriter(path)
        self._lock = threading.Lock()
        self._asked: Counter[tuple[str, str]] = Counter()
        self._observed: Counter[tuple[str, str]] = Counter()
        self._taken: set[tuple[str, str, int]] = set()
        self._begun: set[str] = set()
        self._unobserved: dict[str, list[str]] = {}

    def model_of_role(self, role: str) -> str:
        """Return the model that a role asked when the tape was recorded."""
        return self._index.model_of_role(role)

    def answer(
        self, request: Request, model: str | None, ask: Callable[[], Answer | CallFailed] | None
    ) -> Answer | CallFailed:
        """Return the recorded answer to a request, or ask and record.

        Args:
            request: What is asked.
            model: The model that is asked; None takes the one that was asked for the recording.
            ask: Asks it; None if the tape is only replayed.

        Raises:
            TapeMissError: if the tape does not hold the answer and nobody may be asked.
        """
        with self._lock:
            self._begin(request.scope)
            if model is None:
                model = self._index.model(request.scope, request.role)
            keyed = keyed_request(request, model)
            key = key_of(keyed)
            n = self._asked[keyed.scope, key]
            self._asked[keyed.scope, key] += 1
            found = self._index.answer(keyed.scope, key, n)
            if found is not None and (found.answer is not None or ask is None):
                self._taken.add((keyed.scope, key, n))
                return _replayed(found)
            if ask is None:
                raise self._miss(request, keyed, n)
        outcome = ask()
        entry = AnswerEntry(
            key=key,
            n=n,
            step=request.step,
            template=request.template,
            template_sha256=request.template_sha256,
            request=keyed,
            **{"answer" if isinstance(outcome, Answer) else "failure": outcome},
            recorded_at=now(),
        )
        with self._lock:
            self._writer.append(entry)
        return outcome

    def observe(self, scope: str, key: str, value: float | None) -> float | None:
        """Return the recorded value, or record this one; a value that is no number is None."""
        if value is not None and not math.isfinite(value):
            value = None
        with self._lock:
            self._begin(scope)
            n = self._observed[scope, key]
            self._observed[scope, key] += 1
            found = self._index.value(scope, key, n)
            if found is not None:
                return found.value
            if self.settings.mode == "replay":
                self._unobserved.setdefault(scope, []).append(key)
                return value
            self._writer.append(ObservationEntry(scope=scope, key=key, n=n, value=value))
        return value

    def unused(self, scope: str | None = None) -> tuple[AnswerEntry, ...]:
        """Return the recordings that were not asked for, of one trial or of all that were begun."""
        with self._lock:
            scopes = sorted(self._begun) if scope is None else [scope]
            return tuple(
                entry
                for name in scopes
                for entry in self._index.answers(name)
                if (name, entry.key, entry.n) not in self._taken
            )

    def close(self) -> None:
        """Note in the log what of a replayed trial was left over: its search took another end."""
        if self.settings.mode != "replay":
            return
        left = Counter(entry.request.scope for entry in self.unused())
        for scope, count in left.items():
            _log.info("tape %s: %d answers of %s were not used", self.settings.path, count, scope)

    def _begin(self, scope: str) -> None:
        if scope in self._begun:
            return
        self._begun.add(scope)
        if self.settings.mode == "record" and scope in self._index.scopes:
            entry = TakeEntry(scope=scope, recorded_at=now())
            self._writer.append(entry)
            self._index.add(entry)

    def _miss(self, request: Request, keyed: KeyedRequest, n: int) -> TapeMissError:
        miss = Miss(
            request=request,
            keyed=keyed,
            n=n,
            taken=frozenset(k for s, k, _ in self._taken if s == keyed.scope),
            unobserved=tuple(self._unobserved.get(keyed.scope, ())),
        )
        return TapeMissError(explain(miss, self._index, self._header, self.settings))


class TapeBackend:
    """A backend whose answers go through a tape.

    Args:
        name: As configured.
        tape: Shared by all roles.
        inner: Who is asked; None if the tape is only replayed.
        role: Whose backend it is, `""` for all roles without one of their own.
    """

    def __init__(self, name: str, tape: Tape, inner: Backend | None, role: str = "") -> None:
        self.name = name
        self.model = inner.model if inner else tape.model_of_role(role)
        self.capabilities = (
            inner.capabilities if inner else Capabilities(offline=True, deterministic=True)
        )
        self._tape = tape
        self._inner = inner

    def complete(self, request: Request, deadline: float) -> Answer | CallFailed:
        """Return the recorded answer, or ask.

        Raises:
            TapeMissError: if a replayed tape does not hold the answer.
        """
        inner = self._inner
        if inner is None:
            return self._tape.answer(request, None, None)
        return self._tape.answer(request, inner.model, lambda: inner.complete(request, deadline))

    def observe(self, scope: str, key: str, value: float | None) -> float | None:
        """Return the recorded value, or record this one."""
        return self._tape.observe(scope, key, value)

    def close(self) -> None:
        """Release the backend that was asked; the tape is closed by who opened it."""
        if self._inner is not None:
            self._inner.close()


def no_tape(settings: TapeSettings) -> str:
    """Return the message about a tape that does not exist, or is empty, and was to be replayed."""
    return (
        f"there is no tape {settings.path} to replay; correct the path, or record it: choose a "
        "model and --tape-mode record"
    )


def _replayed(entry: AnswerEntry) -> Answer | CallFailed:
    if entry.answer is None:
        assert entry.failure is not None
        return entry.failure
    # The day is enough for people, and keeps answers of one recording together in a count.
    day = entry.recorded_at[:10]
    where = entry.answer.provenance.model_copy(update={"recorded_at": day})
    return entry.answer.model_copy(update={"provenance": where})
