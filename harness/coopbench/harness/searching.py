"""Lets an entrant search: opens its budget, workbench and trajectory, and keeps what it found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coopbench.harness.attribution import ablations
from coopbench.harness.budget import Budget, BudgetSpentError
from coopbench.harness.errors import InfraError
from coopbench.harness.ledger import Caps, Ledger
from coopbench.harness.model import AblationRef, Candidate, Outcome, Searched
from coopbench.harness.optimizer import Ablation, Answer, Failed, Optimizer
from coopbench.harness.referee import Referee
from coopbench.harness.settings import Settings
from coopbench.harness.store_rows import TrialKey
from coopbench.harness.testworth import TestWorth
from coopbench.harness.trajectory import FileJournal, MemoryJournal, Recorder, event
from coopbench.harness.workbench import LocalWorkbench
from coopbench.harness.workload import derive_seed
from coopbench.harness.worth import measure_worth

Keep = Callable[[bytes], str]
"""Stores bytes and returns their SHA-256."""

_SEARCHING = frozenset({"autotuner", "llm", "external"})
"""Kinds of entrants whose trajectory is worth keeping; the others take one step."""


@dataclass(frozen=True)
class Circumstances:
    """What all searches of a run have in common."""

    run: str
    """The run's id."""
    caps: Caps
    """What each trial may spend."""
    settings: Settings
    """How entrants reach a model."""
    keep: Keep
    trajectories: Path
    """Folder of the trajectories of trials in flight."""

    def log_of(self, key: TrialKey) -> Path:
        """Return where a trial's trajectory grows; it stays there until the trial is stored."""
        return self.trajectories / f"{key.trial_id(self.run)}.jsonl"


@dataclass(frozen=True)
class Found:
    """How a search ended."""

    answer: Candidate | Failed | InfraError
    """An error if the machine failed, or a model's provider before anything was found."""
    ledger: Ledger
    searched: Searched


def candidate_json(candidate: Candidate) -> bytes:
    """Return a candidate as it is kept."""
    return candidate.model_dump_json(indent=1).encode()


def search(
    around: Circumstances, key: TrialKey, entrant: Optimizer, referee: Referee[Any, Any]
) -> Found:
    """Let an entrant search within its budget; its best verified candidate outlives a hard stop.

    Trouble of the machine or a provider is an answer too: what was spent and said until then
    is kept like that of any search.

    Raises:
        InfraError: if the trajectory cannot be written.
    """
    budget = Budget(around.caps)
    journal = _journal(around, key, entrant)
    recorder = Recorder(journal, lambda: budget.snapshot().spent)
    bench = LocalWorkbench(
        referee,
        budget,
        int(key.trial_id("seed"), 16) >> 2,
        trial="/".join(map(str, key)),
        recorder=recorder,
        settings=around.settings,
    )
    with journal:
        recorder.record(event("begin", str(key), agent=key.entrant))
        answer = _answer(entrant, bench)
        ledger = budget.ledger(bench.curve)
        recorder.record(event("end", _outcome_of(answer), agent=key.entrant))
        parts: tuple[Ablation, ...] = ()
        worth = None
        try:
            parts, worth = _parts(answer, key, referee, recorder), _worth(bench, referee)
        except InfraError as e:
            answer = e
    blob = _kept(around, journal)
    searched = Searched(
        trajectory_blob=blob,
        sources=recorder.sources,
        mishaps=recorder.mishaps,
        ablations=_refs(around, parts),
        test_worth=worth,
    )
    return Found(answer.candidate if isinstance(answer, Answer) else answer, ledger, searched)


def _parts(
    answer: Candidate | Answer | Failed | InfraError,
    key: TrialKey,
    referee: Referee[Any, Any],
    recorder: Recorder,
) -> tuple[Ablation, ...]:
    """Return the winner's ablations; made after the search, so they cost the entrant nothing."""
    if not isinstance(answer, Answer):
        return ()
    free = LocalWorkbench(referee, Budget(), 0, trial="/".join(map(str, key)), recorder=recorder)
    return ablations(free, answer.chain)


def _worth(bench: LocalWorkbench, referee: Referee[Any, Any]) -> TestWorth | None:
    """Measure what the proposed tests are worth; None if the trial proposed none."""
    proposals = bench.proposals
    if proposals is None:
        return None
    seed = derive_seed(b"mutants", referee.benchmark.name)
    return measure_worth(referee, proposals, seed)


def _refs(around: Circumstances, parts: Iterable[Ablation]) -> tuple[AblationRef, ...]:
    return tuple(
        AblationRef(
            level=a.level,
            candidate_blob=around.keep(candidate_json(a.candidate)),
            with_dependants=a.with_dependants,
        )
        for a in parts
    )


def _answer(entrant: Optimizer, bench: LocalWorkbench) -> Candidate | Answer | Failed | InfraError:
    try:
        return entrant.optimize(bench)
    except InfraError as e:
        return e
    except BudgetSpentError as e:
        bench.record(event("stop", str(e)))
        return bench.best() or Failed(Outcome.BUDGET_SPENT, str(e))


def _journal(
    around: Circumstances, key: TrialKey, entrant: Optimizer
) -> FileJournal | MemoryJournal:
    if entrant.kind not in _SEARCHING:
        return MemoryJournal()
    return FileJournal(around.log_of(key))


def _kept(around: Circumstances, journal: FileJournal | MemoryJournal) -> str | None:
    """Copy a finished trajectory to the blobs; the file is needed until the trial is stored."""
    if isinstance(journal, MemoryJournal):
        return None
    return around.keep(journal.path.read_bytes())


def _outcome_of(answer: Candidate | Answer | Failed | InfraError) -> str:
    if isinstance(answer, InfraError):
        return f"{Outcome.INFRA_FAILED.value}: {answer}"
    if isinstance(answer, Failed):
        return f"{answer.outcome.value}: {answer.reason}"
    candidate = answer.candidate if isinstance(answer, Answer) else answer
    return f"hands in {candidate.id} at level {candidate.level.value}"
