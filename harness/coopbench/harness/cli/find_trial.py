"""Which trial a user means, and its event log, finished or not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.cli.run import stored_run
from coopbench.harness.errors import UsageError
from coopbench.harness.model import Trial
from coopbench.harness.plan import trial_keys
from coopbench.harness.record import RunRecord
from coopbench.harness.store import Store
from coopbench.harness.store_rows import TrialKey
from coopbench.harness.trajectory import Event, read_events

FOLDER = "trajectories"
"""Folder in the store with the logs of trials that have not ended."""
_MOST_NAMED = 6


@dataclass(frozen=True)
class Located:
    """A trial that may have a trajectory."""

    key: TrialKey
    id: str
    trial: Trial | None
    """None if it has not ended."""

    @property
    def place(self) -> str:
        """Its place as one may type it."""
        return "/".join(map(str, self.key))


def locate(store: Store, name: str, run: str) -> Located:
    """Return the one trial that is meant.

    Raises:
        UsageError: if there is none, or more than one.
    """
    every = [x for record in store.runs() for x in _of_run(store, record)]
    found = [x for x in every if x.id == name]
    where = f"the store {store.root}"
    if not found and "/" in name:
        record = stored_run(store, run)
        found = [x for x in _of_run(store, record) if name in _places(x.key)]
        where = f"run {record.id}"
    elif not found and name:
        found = [x for x in every if x.id.startswith(name)]
    if not found:
        raise UsageError(
            f"{where} has no trial {name!r}; give an id from the report, or a place in the run"
            " such as cooperative/matmul/x86-64-v2"
        )
    searched = [x for x in found if _has_log(store, x)]
    if len(searched or found) > 1:
        raise _ambiguous(name, searched or found)
    return (searched or found)[0]


def load_events(store: Store, found: Located) -> tuple[Event, ...]:
    """Return a trial's events, from its blob or, while it searches, from its log.

    Raises:
        UsageError: if there is no log, or it is damaged.
    """
    what = f"of {found.place}"
    blob = _blob(store, found)
    if blob is not None:
        return read_events(store.get_blob(blob).splitlines(keepends=True), what)
    log = _log(store, found)
    try:
        data = log.read_bytes()
    except FileNotFoundError:
        why = (
            "it has not begun, or is kept elsewhere"
            if found.trial is None
            else "only entrants that search keep one"
        )
        raise UsageError(f"there is no trajectory {what} (trial {found.id}): {why}") from None
    except OSError as e:
        raise UsageError(f"cannot read the trajectory {log}: {e}") from e
    return read_events(data.splitlines(keepends=True), what)


def _blob(store: Store, found: Located) -> str | None:
    """Return where the trajectory of a search that has ended is; its answer may not be timed yet."""
    ended = found.trial or store.prepared(found.id)
    return None if ended is None else ended.trajectory_blob


def _log(store: Store, found: Located) -> Path:
    return store.root / FOLDER / f"{found.id}.jsonl"


def _has_log(store: Store, found: Located) -> bool:
    return _blob(store, found) is not None or ("/" not in found.id and _log(store, found).exists())


def _ambiguous(name: str, found: Sequence[Located]) -> UsageError:
    shown = ", ".join(f"{x.place} ({x.id})" for x in found[:_MOST_NAMED])
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return UsageError(f"{name!r} may mean {shown}{more}: say which")


def _of_run(store: Store, record: RunRecord) -> Iterator[Located]:
    """Yield a run's trials: those that are stored, then those that are only planned."""
    stored = {TrialKey.of(t): t for t in store.trials(record.id, blocks=False)}
    for key, trial in stored.items():
        yield Located(key, trial.id, trial)
    for key in trial_keys(record.plan, record.plan.targets):
        if key not in stored:
            yield Located(key, key.trial_id(record.id), None)


def _places(key: TrialKey) -> tuple[str, ...]:
    """Return all names of a trial's place, from the shortest on."""
    short = f"{key.entrant}/{key.benchmark}"
    return short, f"{short}/{key.target}", f"{short}/{key.target}/{key.repetition}"
