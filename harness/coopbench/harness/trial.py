"""One trial from end to end: the entrant's answer, its verification, its measurement, its outcome."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from coopbench.harness.budget import Budget, BudgetSpentError, Caps
from coopbench.harness.cases import Failure
from coopbench.harness.errors import CoopBenchError
from coopbench.harness.measure.pairs import (
    PairSession,
    Wrong,
    exact_measurement,
    identical_measurement,
)
from coopbench.harness.model import (
    Candidate,
    Counterexample,
    Decision,
    Ledger,
    Level,
    Measurement,
    Outcome,
    Prepared,
    Rung,
    Trial,
    Verdict,
)
from coopbench.harness.optimizer import Failed, Optimizer
from coopbench.harness.referee import Examined, Referee
from coopbench.harness.store_rows import TrialKey
from coopbench.harness.workbench import LocalWorkbench

ControlKind = Literal["aa", "planted"]
Keep = Callable[[bytes], str]
"""Stores bytes and returns their SHA-256."""

_OUTCOMES = {
    Decision.FASTER: Outcome.FASTER,
    Decision.SLOWER: Outcome.SLOWER,
    Decision.EQUIVALENT: Outcome.WITHIN_NOISE,
    Decision.INCONCLUSIVE: Outcome.WITHIN_NOISE,
    Decision.IDENTICAL: Outcome.NO_CHANGE,
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
        )


def revive(key: TrialKey, kept: Prepared, referee: Referee[Any, Any], keep: Keep) -> Pending | None:
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
        keep(_candidate_json(kept.candidate)),
        referee.benchmark.files,
        kept.ledger,
        kept.started_at,
        instructions=kept.instructions,
    )


def prepare(
    run: str,
    key: TrialKey,
    entrant: Optimizer,
    referee: Referee[Any, Any],
    evaluations: int,
    keep: Keep,
) -> Pending | Trial:
    """Let the entrant answer, build and verify the answer.

    Args:
        run: The run's id.
        key: Which trial.
        entrant: Who answers.
        referee: Of the benchmark and target.
        evaluations: Cap on the entrant's cost estimates.
        keep: Stores bytes and returns their SHA-256; gets the candidate's JSON.

    Returns:
        A finished trial if it failed, or if its executable equals the baseline's; otherwise
        one that is to be measured.
    """
    started = time.time()
    budget = Budget(Caps(evaluations=evaluations))
    seed = int(key.trial_id("seed"), 16) >> 2
    begun = time.monotonic()
    try:
        answer = entrant.optimize(LocalWorkbench(referee, budget, seed))
    except BudgetSpentError as e:
        answer = Failed(Outcome.BUDGET_SPENT, str(e))
    ledger = budget.ledger().model_copy(update={"wall_s": time.monotonic() - begun})

    def end(outcome: Outcome, reason: str, **more: Any) -> Trial:
        return Trial(
            id=key.trial_id(run),
            run=run,
            entrant=key.entrant,
            benchmark=key.benchmark,
            target=key.target,
            repetition=key.repetition,
            outcome=outcome,
            reason=reason,
            ledger=ledger,
            started_at=started,
            finished_at=time.time(),
            **more,
        )

    if isinstance(answer, Failed):
        return end(answer.outcome, answer.reason)
    blob = keep(_candidate_json(answer))
    examined = referee.examine(answer)
    facts = {
        "candidate": answer.id,
        "candidate_blob": blob,
        "exe_sha256": examined.exe_sha256,
        "toolchain": answer.recipe.compiler,
        "verdict": examined.verdict,
    }
    if examined.verdict.outcome is not None:
        return end(examined.verdict.outcome, examined.verdict.reason, **facts)
    if referee.is_baseline(examined):
        identical = identical_measurement(referee.target.metric)
        return end(
            Outcome.NO_CHANGE, "same executable as the baseline", measurement=identical, **facts
        )
    return Pending(key, examined, blob, referee.benchmark.files, ledger, started)


def control_kind(entrant: str) -> ControlKind | None:
    """Return which control a trial's key stands for, None for an entrant's trial."""
    kinds: dict[str, ControlKind] = {"control-aa": "aa", "control-planted": "planted"}
    return kinds.get(entrant)


def infra_failed(run: str, key: TrialKey, error: CoopBenchError, started: float) -> Trial:
    """Return the trial that our own trouble ended; it stays in the denominator."""
    return Trial(
        id=key.trial_id(run),
        run=run,
        entrant=key.entrant,
        benchmark=key.benchmark,
        target=key.target,
        repetition=key.repetition,
        outcome=Outcome.INFRA_FAILED,
        reason=str(error),
        control=control_kind(key.entrant),
        started_at=started,
        finished_at=time.time(),
    )


def _candidate_json(candidate: Candidate) -> bytes:
    return candidate.model_dump_json(indent=1).encode()


def count(pending: Pending, referee: Referee[Any, Any]) -> Measurement | Failure:
    """Measure by exact instruction counts."""
    counted = referee.count(pending.examined)
    if isinstance(counted, Failure):
        return counted
    baseline, candidate = counted
    return exact_measurement(referee.target.metric, baseline, candidate, 1, "instructions per call")


def conclude(
    run: str,
    pending: Pending,
    measured: Measurement | Failure,
    *,
    wrong: Wrong | None = None,
    session: PairSession[Any, Any] | None = None,
) -> Trial:
    """Return the finished trial of a measurement, or of a failure while measuring."""
    verdict = pending.examined.verdict
    if session is not None:
        verdict = verdict.model_copy(update={"evidence": (*verdict.evidence, session.evidence())})
    if wrong is not None:
        measured = wrong.failure
    if isinstance(measured, Failure):
        outcome, reason = measured.outcome, measured.detail
        verdict = _overturned(verdict, measured, wrong)
        measurement = None
    else:
        outcome, reason = _OUTCOMES[measured.decision], describe(measured)
        measurement = _cross_checked(measured, pending.instructions)
    return Trial(
        id=pending.key.trial_id(run),
        run=run,
        entrant=pending.key.entrant,
        benchmark=pending.key.benchmark,
        target=pending.key.target,
        repetition=pending.key.repetition,
        outcome=outcome,
        reason=reason,
        candidate=pending.candidate.id,
        candidate_blob=pending.blob,
        exe_sha256=pending.examined.exe_sha256,
        toolchain=pending.candidate.recipe.compiler,
        verdict=verdict,
        measurement=measurement,
        ledger=pending.ledger,
        gain_class=gain_class(pending.candidate, pending.original)
        if outcome is Outcome.FASTER
        else None,
        control=pending.control,
        started_at=pending.started_at,
        finished_at=time.time(),
    )


def describe(m: Measurement) -> str:
    """Return a measurement in one line."""
    if m.speedup is None:
        return "no estimate"
    if m.stop == "exact":
        share = f"{100 * (m.speedup - 1):+.4f} %" if abs(m.speedup - 1) < 1e-3 else ""
        return f"{m.speedup:.4f}x {share}".rstrip() + " by exact instruction count"
    interval = f" [{m.interval.low:.3f}, {m.interval.high:.3f}]" if m.interval else ""
    return f"{m.speedup:.3f}x{interval} after {len(m.blocks)} blocks ({m.stop})"


def gain_class(
    candidate: Candidate, original: dict[str, str]
) -> Literal["local", "layout", "algorithmic", "relaxed_float", "instruction_set"] | None:
    """Return where a gain comes from, if the recipe and the level alone tell.

    A changed C text is left unclassified: whether its gain is algorithmic shows only in how
    time grows with size.
    """
    recipe = candidate.recipe
    if recipe.march is not None:
        return "instruction_set"
    if any(f in recipe.frontend for f in ("-ffast-math", "-Ofast", "-fassociative-math")):
        return "relaxed_float"
    if any(f.startswith("-falign") for f in recipe.frontend):
        return "layout"
    if candidate.level is Level.C and candidate.files != original:
        return None
    return "local"


def _cross_checked(m: Measurement, counts: tuple[float, float] | None) -> Measurement:
    if counts is None or m.instructions is not None:
        return m
    return m.model_copy(update={"baseline_instructions": counts[0], "instructions": counts[1]})


def _overturned(verdict: Verdict, failure: Failure, wrong: Wrong | None) -> Verdict:
    found = wrong.difference if wrong else None
    return verdict.model_copy(
        update={
            "outcome": failure.outcome,
            "reason": failure.detail,
            "counterexample": Counterexample(
                rung=Rung.TIMED,
                workload=failure.workload,
                where=found.where if found else "-",
                expected=found.expected if found else "a result",
                got=found.got if found else failure.detail,
            ),
        }
    )
