"""The append-only event log of a trial: every request, answer, build, verdict and cost.

One JSON object a line, on the disk before the next step begins, so that what a killed search
has done and spent can be read.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol, Self

from pydantic import Field, JsonValue, ValidationError

from coopbench.harness.base import Frozen, Level
from coopbench.harness.errors import InfraError, UsageError
from coopbench.harness.ledger import Amounts


class Event(Frozen):
    """One step of a trial."""

    seq: int
    """Counts from 0 without gaps."""
    at_s: float
    """Seconds since the trial began."""
    kind: str
    """What happened: `request`, `answer`, `action`, `candidate`, `build`, `check`, `cost`,
    `lower`, `inspect`, `workload`, `refused`, `best`, `note`…"""
    agent: str = ""
    """Who did it, e.g. `guide`, `c`, `ir`, `asm`, `tests`."""
    level: Level | None = None
    candidate: str | None = None
    """Id of the candidate it is about."""
    parent: str | None = None
    """Id of the candidate that one was made from."""
    text: str = ""
    """One line for people, or a whole prompt or answer."""
    data: dict[str, JsonValue] = Field(default_factory=dict)
    """What else there is to know; the keys depend on the kind."""
    spent: Amounts = Amounts()
    """What the trial had spent by then."""


_MISHAPS = frozenset({"malformed", "call_failed", "refused"})


class Journal(Protocol):
    """Where the events of a trial go."""

    def write(self, event: Event) -> None:
        """Append an event; it is safe when this returns."""


class MemoryJournal:
    """Keeps events in memory: for tests, and for trials without a store."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def write(self, event: Event) -> None:
        """Append an event."""
        self.events.append(event)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep everything."""


class FileJournal:
    """Appends events to a file, and forces each to the disk.

    Args:
        path: The file; what an earlier, killed attempt left there is moved aside.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                path.rename(_aside(path))
            self._file = path.open("xb")
        except OSError as e:
            raise InfraError(f"cannot write the trajectory {path}: {e}") from e

    def write(self, event: Event) -> None:
        """Append an event."""
        try:
            self._file.write(event.model_dump_json().encode() + b"\n")
            self._file.flush()
            os.fdatasync(self._file.fileno())
        except OSError as e:
            raise InfraError(f"cannot write the trajectory {self.path}: {e}") from e

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class Recorder:
    """Numbers and stamps events; safe for several threads.

    Args:
        journal: Where they go.
        spent: Returns what the trial has spent.
    """

    def __init__(self, journal: Journal, spent: Callable[[], Amounts]) -> None:
        self._journal = journal
        self._spent = spent
        self._start = time.monotonic()
        self._lock = threading.Lock()
        self._seq = 0
        self._sources: Counter[str] = Counter()
        self._mishaps: Counter[str] = Counter()

    @property
    def sources(self) -> dict[str, int]:
        """Where the models' answers came from, and how many each; for the trial's record."""
        return dict(self._sources)

    @property
    def mishaps(self) -> dict[str, int]:
        """How often what went wrong between agents and models, by name of the mishap."""
        return dict(self._mishaps)

    def record(self, event: Event) -> None:
        """Write an event with its number, its time and the ledger's state filled in.

        The key `source` of an `answer`, and `kind` of a `malformed`, `call_failed` or `refused`
        event's data are counted.
        """
        with self._lock:
            if event.kind == "answer":
                self._sources[str(event.data.get("source", "unknown"))] += 1
            if event.kind in _MISHAPS:
                self._mishaps[str(event.data.get("kind", event.kind))] += 1
            stamped = event.model_copy(
                update={
                    "seq": self._seq,
                    "at_s": round(time.monotonic() - self._start, 6),
                    "spent": self._spent(),
                }
            )
            self._journal.write(stamped)
            self._seq += 1


def event(kind: str, text: str = "", **more: object) -> Event:
    """Return an event whose number, time and spending the recorder will fill in."""
    return Event.model_validate({"seq": 0, "at_s": 0.0, "kind": kind, "text": text, **more})


def read_events(lines: Iterable[bytes], name: str) -> tuple[Event, ...]:
    """Read a trajectory; a last line that was cut off by a kill is left out.

    Raises:
        UsageError: if any other line is damaged.
    """
    found: list[Event] = []
    rows = [line for line in lines if line.strip()]
    for number, line in enumerate(rows, 1):
        try:
            found.append(Event.model_validate_json(line))
        except ValidationError:
            if number == len(rows) and not line.endswith(b"\n"):
                break
            raise UsageError(
                f"trajectory {name}: line {number} is damaged; what precedes it can still be read"
            ) from None
    return tuple(found)


def _aside(path: Path) -> Path:
    number = 1
    while (old := path.with_suffix(f".interrupted-{number}{path.suffix}")).exists():
        number += 1
    return old
