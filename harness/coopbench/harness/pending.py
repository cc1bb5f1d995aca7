"""The first half of a trial: the entrant's search, then building and verifying its answer."""

import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from coopbench.harness.errors import InfraError
from coopbench.harness.ledger import Ledger
from coopbench.harness.measure.pairs import (
    identical_measurement,
)
from coopbench.harness.model import (
    AblationRef,
    Candidate,
    Outcome,
    Prepared,
    Searched,
    Trial,
)
from coopbench.harness.optimizer import Failed, Optimizer
from coopbench.harness.referee import Examined, Referee
from coopbench.harness.searching import Circumstances, Found, Keep, candidate_json, search
from coopbench.harness.store_rows import TrialKey

ControlKind = Literal["aa", "planted"]


@dataclass(frozen=True)
class Part:
    """A winner without one level's edits: judged beside it, never ranked."""

    of: TrialKey
    """The winner's trial."""
    ref: AblationRef

    @property
    def key(self) -> TrialKey:
        """Key of the trial in which it is judged."""
        return self.of._replace(entrant=f"{self.of.entrant} without {self.ref.level.value}")

    def facts(self, run: str) -> dict[str, Any]:
        """Return the fields of the trial record that say what it is."""
        return {
            "ablation": self.ref.level,
            "ablation_of": self.of.trial_id(run),
            "with_dependants": self.ref.with_dependants,
        }


@dataclass(frozen=True)
class Pending:
    """A verified trial that waits for its measurement."""

    key: TrialKey
    examined: Examined
    blob: str | None
    """Where the candidate's JSON is stored; None for a control."""
    original: dict[str, str]
    """Text of the sources that the entrant was given."""
    ledger: Ledger
    started_at: float
    control: ControlKind | None = None
    instructions: tuple[float, float] | None = None
    """Baseline's and candidate's instructions per call, as a cross-check."""
    searched: Searched = field(default_factory=Searched)
    """How the candidate was found."""
    part: Part | None = None
    """Set if it is a part of another trial's winner."""

    @property
    def candidate(self) -> Candidate:
        """What is measured."""
        return self.examined.candidate

    def kept(self) -> Prepared:
        """Return what a killed run needs to go on with this trial."""
        return Prepared(
            candidate=self.candidate,
            verdict=self.examined.verdict,
            exe_sha256=self.examined.exe_sha256 or "",
            ledger=self.ledger,
            instructions=self.instructions,
            started_at=self.started_at,
            **self.searched.model_dump(),
        )


def revive(
    key: TrialKey,
    kept: Prepared,
    referee: Referee[Any, Any],
    keep: Keep,
    part: Part | None = None,
) -> Pending | None:
    """Return the pending trial of an earlier session of the run.

    Returns:
        None if the candidate no longer builds to the same executable; then all begins anew.
    """
    built = referee.build(kept.candidate)
    if built.exe_sha256 != kept.exe_sha256:
        return None
    return Pending(
        key,
        replace(built, verdict=kept.verdict),
        keep(candidate_json(kept.candidate)),
        referee.benchmark.files,
        kept.ledger,
        kept.started_at,
        instructions=kept.instructions,
        searched=Searched.model_validate(kept.model_dump(include=set(Searched.model_fields))),
        part=part,
    )


def prepare(
    around: Circumstances, key: TrialKey, entrant: Optimizer, referee: Referee[Any, Any]
) -> Pending | Trial:
    """Let the entrant search, build and verify its answer.

    Returns:
        A finished trial if it failed, or if its executable equals the baseline's; otherwise
        one that is to be measured.
    """
    started = time.time()
    found = search(around, key, entrant, referee)
    if isinstance(found.answer, Failed):
        failed = found.answer
        return _ended(around.run, key, started, failed.outcome, failed.reason, found)
    trouble = found.answer
    if not isinstance(trouble, InfraError):
        try:
            return _verified(around, key, found, referee, started)
        except InfraError as e:
            trouble = e
    return _ended(around.run, key, started, Outcome.INFRA_FAILED, str(trouble), found)


def prepare_part(
    around: Circumstances, part: Part, candidate: Candidate, referee: Referee[Any, Any]
) -> Pending | Trial:
    """Build and verify a part of a winner; nobody searches, so nothing is spent."""
    found = Found(candidate, Ledger(), Searched())
    return _verified(around, part.key, found, referee, time.time(), part)


def _verified(
    around: Circumstances,
    key: TrialKey,
    found: Found,
    referee: Referee[Any, Any],
    started: float,
    part: Part | None = None,
) -> Pending | Trial:
    assert isinstance(found.answer, Candidate)
    candidate = found.answer
    blob = around.keep(candidate_json(candidate))
    examined = referee.examine(candidate)
    facts = {
        "candidate": candidate.id,
        "candidate_blob": blob,
        "exe_sha256": examined.exe_sha256,
        "toolchain": candidate.recipe.compiler,
        "verdict": examined.verdict,
        **(part.facts(around.run) if part else {}),
    }
    failing = examined.verdict.outcome
    if failing is not None:
        reason = examined.verdict.reason
        return _ended(around.run, key, started, failing, reason, found, **facts)
    if referee.is_baseline(examined):
        facts["measurement"] = identical_measurement(referee.target.metric)
        reason = "same executable as the baseline"
        return _ended(around.run, key, started, Outcome.NO_CHANGE, reason, found, **facts)
    return Pending(
        key,
        examined,
        blob,
        referee.benchmark.files,
        found.ledger,
        started,
        searched=found.searched,
        part=part,
    )


def _ended(
    run: str,
    key: TrialKey,
    started: float,
    outcome: Outcome,
    reason: str,
    found: Found,
    **facts: Any,
) -> Trial:
    """Return a trial that ends without a measurement; parts of a loser are not worth judging."""
    searched = found.searched.model_copy(update={"ablations": ()})
    return Trial(
        id=key.trial_id(run),
        run=run,
        **key._asdict(),
        outcome=outcome,
        reason=reason,
        ledger=found.ledger,
        started_at=started,
        finished_at=time.time(),
        **searched.model_dump(),
        **facts,
    )
