"""One trial from end to end: the entrant's answer, its verification, its measurement, its outcome."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
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
    Rung,
    Trial,
    Verdict,
)
from coopbench.harness.optimizer import Failed, Optimizer
from coopbench.harness.plan import TrialKey
from coopbench.harness.referee import Examined, Referee
from coopbench.harness.workbench import LocalWorkbench

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
    id: str
    candidate: Candidate
    blob: str | None
    """Where the candidate's JSON is stored."""
    original: dict[str, str]
    """Text of the sources that the entrant was given."""
    examined: Examined
    ledger: Ledger
    started_at: float
    control: Literal["aa", "planted"] | None = None
    instructions: tuple[float, float] | None = None
    """Baseline's and candidate's instructions per call, as a cross-check."""


def trial_id(run: str, key: TrialKey) -> str:
    """Return the id of a trial: the same whenever its run is resumed."""
    text = "\0".join((run, key.entrant, key.benchmark, key.target, str(key.repetition)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def prepare(
    run: str,
    key: TrialKey,
    entrant: Optimizer,
    referee: Referee[Any, Any],
    evaluations: int,
    keep: Callable[[bytes], str],
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
    seed = int(trial_id("seed", key), 16) >> 2
    begun = time.monotonic()
    try:
        answer = entrant.optimize(LocalWorkbench(referee, budget, seed))
    except BudgetSpentError as e:
        answer = Failed(Outcome.BUDGET_SPENT, str(e))
    ledger = budget.ledger().model_copy(update={"wall_s": time.monotonic() - begun})

    def end(outcome: Outcome, reason: str, **more: Any) -> Trial:
        return Trial(
            id=trial_id(run, key),
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
    blob = keep(answer.model_dump_json(indent=1).encode())
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
    original = referee.benchmark.files
    return Pending(key, trial_id(run, key), answer, blob, original, examined, ledger, started)


ControlKind = Literal["aa", "planted"]


def control_kind(entrant: str) -> ControlKind | None:
    """Return which control a trial's key stands for, None for an entrant's trial."""
    kinds: dict[str, ControlKind] = {"control-aa": "aa", "control-planted": "planted"}
    return kinds.get(entrant)


def infra_failed(run: str, key: TrialKey, error: CoopBenchError, started: float) -> Trial:
    """Return the trial that our own trouble ended; it stays in the denominator."""
    return Trial(
        id=trial_id(run, key),
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
        id=pending.id,
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
