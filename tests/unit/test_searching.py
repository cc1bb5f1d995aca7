"""What is kept of a search that trouble ended: its ledger, its mishaps, its trajectory."""

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from coopbench.harness.base import Level
from coopbench.harness.benchmark import load_benchmark
from coopbench.harness.errors import InfraError, UsageError
from coopbench.harness.ledger import Amounts, Caps, Purpose
from coopbench.harness.model import Candidate, Outcome, Trial
from coopbench.harness.optimizer import Answer
from coopbench.harness.pending import prepare
from coopbench.harness.preparing import Preparation
from coopbench.harness.searching import Circumstances
from coopbench.harness.settings import Settings
from coopbench.harness.store_rows import TrialKey
from coopbench.harness.trajectory import event

KEY = TrialKey("me", "scan", "x", 0)
CAPS = Caps(model_calls=5)


@dataclass
class Entrant:
    """Spends three calls, notes one that failed, and then does what a test wants."""

    then: Any
    name: str = "me"
    kind: str = "llm"

    def optimize(self, bench: Any) -> Any:
        purpose = Purpose(level=Level.C, agent="c", action="rewrite")
        kept = bench.reserve(purpose, Amounts(model_calls=3))
        bench.settle(kept, Amounts(model_calls=3, tokens=50, unpriced_calls=3))
        bench.record(event("call_failed", "down", agent="c", data={"kind": "unavailable"}))
        return self.then(bench)


@dataclass
class Place:
    """A folder and a store in memory."""

    around: Circumstances
    referee: Any
    blobs: dict[str, bytes]

    def prepare(self, then: Any) -> Any:
        return prepare(self.around, KEY, Entrant(then), self.referee)  # type: ignore[arg-type]


@pytest.fixture
def place(tmp_path: Path, make_benchmark: Any) -> Place:
    """Return a place to search in; its referee's machine breaks down over any candidate."""
    blobs: dict[str, bytes] = {}

    def keep(data: bytes) -> str:
        blobs[str(len(blobs))] = data
        return str(len(blobs) - 1)

    def broken(*_: object) -> Any:
        raise InfraError("the disk is full")

    referee = SimpleNamespace(
        benchmark=load_benchmark(make_benchmark()),
        target=None,
        executables=None,
        examine=broken,
        build=broken,
    )
    around = Circumstances("run-1", CAPS, Settings(), keep, tmp_path / "trajectories")
    return Place(around, referee, blobs)


def provider_down(_: Any) -> Any:
    """End a search as a provider does that never answers."""
    raise InfraError("no model ever answered: down")


def candidate(_: Any) -> Answer:
    """Return a candidate, which the broken machine then cannot judge."""
    made = Candidate(benchmark="scan", level=Level.C, files={"kernel.c": "x"}, made_by="me")
    return Answer(made, ())


@pytest.mark.parametrize("then", [provider_down, candidate])
def test_trouble_does_not_swallow_what_was_spent(place: Place, then: Any) -> None:
    """A trial that trouble ended, in the search or after it, shows its whole ledger and caps."""
    trial = place.prepare(then)
    assert isinstance(trial, Trial)
    assert trial.outcome is Outcome.INFRA_FAILED
    assert (trial.ledger.model_calls, trial.ledger.tokens) == (3, 50)
    assert trial.ledger.nano_dollars is None
    assert trial.ledger.caps == CAPS
    assert trial.mishaps == {"unavailable": 1}


def test_the_trajectory_of_a_search_in_trouble_is_kept(place: Place) -> None:
    """Its trajectory is stored with the trial, and says at its end what went wrong."""
    trial = place.prepare(provider_down)
    assert trial.trajectory_blob is not None
    assert b"no model ever answered: down" in place.blobs[trial.trajectory_blob].splitlines()[-1]


def test_a_log_stays_until_its_trial_is_stored(place: Place) -> None:
    """A kill between search and record leaves the log of what was asked; then it is a blob."""
    logs = place.around.trajectories
    stored: list[tuple[str, list[str]]] = []

    def commit(trial: Trial) -> None:
        stored.append((trial.id, [p.name for p in logs.iterdir()]))

    store: Any = SimpleNamespace(
        prepared=lambda _: None,
        commit_trial=commit,
        trials=lambda *_, **__: (),
        done_keys=lambda _: set(),
    )
    progress: Any = SimpleNamespace(preparing=lambda _: None, finished=lambda _: None)
    entrants: Any = {"me": Entrant(candidate)}
    target: Any = SimpleNamespace(name="x", emulated=True)
    work = Preparation(place.around, store, [target], entrants, lambda *_: place.referee, progress)
    assert work.all([(target, KEY)]) == []
    ((trial, there),) = stored
    assert there == [f"{trial}.jsonl"]
    assert not list(logs.iterdir())


def test_a_mistake_of_the_user_still_ends_the_run(place: Place) -> None:
    """What only the user can mend is not made a trial's outcome."""

    def mistake(_: Any) -> Any:
        raise UsageError("the tape has no answer")

    with pytest.raises(UsageError, match="no answer"):
        place.prepare(mistake)
