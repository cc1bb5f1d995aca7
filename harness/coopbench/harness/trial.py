"""The second half of a trial: its measurement, and the record that says how it ended."""

import time
from typing import Any, Literal

from coopbench.harness.base import Level
from coopbench.harness.cases import Failure
from coopbench.harness.errors import CoopBenchError
from coopbench.harness.ledger import Ledger
from coopbench.harness.measure.pairs import (
    PairSession,
    Wrong,
    exact_measurement,
)
from coopbench.harness.model import (
    Candidate,
    Counterexample,
    Decision,
    Measurement,
    Outcome,
    Rung,
    Searched,
    Trial,
    Verdict,
)
from coopbench.harness.pending import ControlKind, Pending
from coopbench.harness.referee import Referee
from coopbench.harness.store_rows import TrialKey

_OUTCOMES = {
    Decision.FASTER: Outcome.FASTER,
    Decision.SLOWER: Outcome.SLOWER,
    Decision.EQUIVALENT: Outcome.WITHIN_NOISE,
    Decision.INCONCLUSIVE: Outcome.WITHIN_NOISE,
    Decision.IDENTICAL: Outcome.NO_CHANGE,
}


def control_kind(entrant: str) -> ControlKind | None:
    """Return which control a trial's key stands for, None for an entrant's trial."""
    kinds: dict[str, ControlKind] = {"control-aa": "aa", "control-planted": "planted"}
    return kinds.get(entrant)


def infra_failed(
    run: str, key: TrialKey, error: CoopBenchError, started: float, pending: Pending | None = None
) -> Trial:
    """Return the trial that our own trouble ended; it stays in the denominator.

    Args:
        run: The run's id.
        key: The trial's.
        error: The trouble.
        started: When the trial began.
        pending: What the search had found before, if it had ended: what that cost is kept.
    """
    searched = pending.searched if pending else Searched()
    return Trial(
        id=key.trial_id(run),
        run=run,
        entrant=key.entrant,
        benchmark=key.benchmark,
        target=key.target,
        repetition=key.repetition,
        outcome=Outcome.INFRA_FAILED,
        reason=str(error),
        ledger=pending.ledger if pending else Ledger(),
        control=control_kind(key.entrant),
        started_at=started,
        finished_at=time.time(),
        **searched.model_copy(update={"ablations": ()}).model_dump(),
        **(pending.part.facts(run) if pending and pending.part else {}),
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
        **pending.searched.model_dump(),
        **(pending.part.facts(run) if pending.part else {}),
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
