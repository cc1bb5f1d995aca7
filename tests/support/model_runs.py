"""Synthetic runs with entrants that use models: budgets, tapes, mishaps, ablations, trajectories."""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.support.report_runs import ARM, V2, RunShape, make_run
from tests.support.trajectories import Script, make_events

from coopbench.harness.base import Level
from coopbench.harness.ledger import (
    NANO,
    Amounts,
    Caps,
    CurvePoint,
    Ledger,
    Purpose,
    Spending,
)
from coopbench.harness.model import (
    AblationRef,
    Decision,
    Interval,
    Measurement,
    Metric,
    Outcome,
    Trial,
)
from coopbench.harness.record import RunRecord, Unavailable
from coopbench.harness.testworth import TestWorth
from coopbench.harness.trajectory import Event

CAPS = Caps(
    model_calls=40,
    tokens=400_000,
    nano_dollars=NANO // 4,
    compile_ns=300 * NANO,
    run_ns=300 * NANO,
    wall_ns=1800 * NANO,
    evaluations=50,
)
LIVE = "api: claude-opus at api.example"
TAPED = "api: claude-opus at api.example, replayed from a tape of 2026-02-11"
ENTRANTS: tuple[tuple[str, str, float], ...] = (
    ("identity", "null", 1.0),
    ("autotune", "autotuner", 1.31),
    ("cooperative", "llm", 1.6),
    ("llm-c", "llm", 1.4),
    ("best-of-n", "llm", 1.2),
)
BENCHMARKS = ("matmul", "crc32", "word_count")
FAILURES: Mapping[tuple[str, str, str], Outcome] = {
    ("llm-c", "crc32", "x86-64-v2"): Outcome.WRONG_OUTPUT,
    ("best-of-n", "word_count", "x86-64-v2"): Outcome.INFRA_FAILED,
    ("best-of-n", "crc32", "armv8-a"): Outcome.BUDGET_SPENT,
}
SHARES: Mapping[str, Mapping[Level, float | None]] = {
    "matmul": {Level.C: 0.62, Level.IR: 0.3, Level.ASM: 0.0},
    "crc32": {Level.C: 0.45, Level.IR: 0.45},
    "word_count": {Level.C: 0.5, Level.IR: None},
}
"""What each level holds of the log speedup of a winner; None if the rest is wrong without it."""
_AGENTS: Mapping[str, Sequence[tuple[Level | None, str, str]]] = {
    "cooperative": (
        (None, "guide", "decide"),
        (Level.C, "c", "rewrite"),
        (Level.IR, "ir", "rewrite"),
        (Level.ASM, "asm", "rewrite"),
        (None, "tests", "propose"),
    ),
    "llm-c": ((Level.C, "c", "rewrite"),),
    "best-of-n": ((Level.C, "c", "sample"),),
}


@dataclass(frozen=True)
class ModelRun:
    """A run, its trials and the blobs that they refer to."""

    record: RunRecord
    trials: tuple[Trial, ...]
    blobs: Mapping[str, bytes] = field(default_factory=dict)

    def blob(self, sha256: str) -> bytes:
        """Return a blob."""
        return self.blobs[sha256]


def make_model_run(*, repetitions: int = 1, hostile: str = "", seed: str = "models25") -> ModelRun:
    """Return a run in which three entrants with models compete with an autotuner.

    Args:
        repetitions: Trials per entrant, benchmark and target.
        hostile: Put into every text that comes from a model or a program.
        seed: Of all numbers.
    """
    shape = RunShape(
        entrants=ENTRANTS,
        benchmarks=BENCHMARKS,
        failures=FAILURES,
        repetitions=repetitions,
        most_pairs=14,
        run_id="2026-03-02-models-1c4d",
        seed=seed,
    )
    record, trials = make_run(shape)
    record = record.model_copy(
        update={
            "unavailable": tuple(
                Unavailable(
                    what=f"{name} on {t.name}",
                    why="no backend is configured for the role `ir`",
                    remedy="see `coopbench list entrants`",
                )
                for t in (V2, ARM)
                for name in ("llm-ir", "llm-asm")
            )
        }
    )
    blobs: dict[str, bytes] = {}
    made: list[Trial] = []
    for trial in trials:
        found = _searched(trial, hostile, blobs)
        made.append(found)
        if trial.entrant == "cooperative" and trial.outcome is Outcome.FASTER:
            rests = (Level.C,) if trial.target == ARM.name else ()
            made[-1:] = with_parts(found, SHARES[trial.benchmark], dependants=rests)
    return ModelRun(record, tuple(made), blobs)


def with_parts(
    trial: Trial, shares: Mapping[Level, float | None], *, dependants: Sequence[Level] = (Level.C,)
) -> list[Trial]:
    """Return a trial with its ablations; each level holds a share of the log speedup."""
    assert trial.measurement is not None
    refs = tuple(
        AblationRef(level=level, candidate_blob="0" * 64, with_dependants=level in dependants)
        for level in shares
    )
    whole = trial.model_copy(update={"ablations": refs})
    return [whole, *(part_of(trial, level, s, dependants) for level, s in shares.items())]


def part_of(
    trial: Trial, level: Level, share: float | None, dependants: Sequence[Level] = ()
) -> Trial:
    """Return the trial of a winner without one level, which takes a share of its log speedup."""
    assert trial.measurement is not None
    failed: dict[str, object] = {
        "outcome": Outcome.WRONG_OUTPUT,
        "reason": "hidden test 5 of 64: out[17] differs",
        "measurement": None,
    }
    found = {} if share is None else {"measurement": _weaker(trial.measurement, share)}
    return trial.model_copy(
        update={
            "id": f"{trial.id} without {level.value}",
            "entrant": f"{trial.entrant} without {level.value}",
            "ablation": level,
            "ablation_of": trial.id,
            "ablations": (),
            "with_dependants": level in dependants,
            **(found or failed),
            "ledger": Ledger(),
            "trajectory_blob": None,
            "sources": {},
            "mishaps": {},
        }
    )


def _weaker(m: Measurement, share: float) -> Measurement:
    assert m.speedup is not None
    factor = m.speedup**-share
    ends = m.interval or Interval(low=m.speedup, high=m.speedup, confidence=0.95)
    interval = Interval(
        low=round(ends.low * factor, 9),
        high=round(ends.high * factor, 9),
        confidence=ends.confidence,
    )
    counted = m.metric is Metric.INSTRUCTIONS and m.instructions is not None
    return m.model_copy(
        update={
            "speedup": round(m.speedup * factor, 9),
            "interval": interval,
            "decision": Decision.FASTER,
            "instructions": round(m.instructions / factor) if counted and m.instructions else None,
        }
    )


def _searched(trial: Trial, hostile: str, blobs: dict[str, bytes]) -> Trial:
    rng = random.Random(trial.id)
    models = trial.entrant in _AGENTS
    if not models and trial.entrant != "autotune":
        return trial
    if trial.outcome is Outcome.INFRA_FAILED:
        return trial.model_copy(update={"ledger": Ledger()})
    events = make_events(Script(trial.entrant, trial.candidate, hostile, seed=trial.id))
    data = b"".join(e.model_dump_json().encode() + b"\n" for e in events)
    blob = hashlib.sha256(data).hexdigest()
    blobs[blob] = data
    gain = 1.0 if trial.measurement is None else (trial.measurement.speedup or 1.0)
    ledger = make_ledger(trial.entrant, rng, gain)
    update: dict[str, object] = {"ledger": ledger, "trajectory_blob": blob}
    if models:
        taped = trial.entrant == "best-of-n"
        update["sources"] = {f"{TAPED if taped else LIVE}{hostile}": ledger.model_calls - 2}
        update["mishaps"] = {
            "truncated": 1,
            f"invalid_json{hostile}": 1,
            "timeout": rng.randrange(3),
        }
    if trial.entrant == "cooperative":
        update["test_worth"] = make_worth(rng, f"n1{hostile}")
    return trial.model_copy(update=update)


def make_worth(rng: random.Random, rejected: str) -> TestWorth:
    """Return what a trial's tests were worth; every third trial rejects a candidate."""
    wrong = rng.randrange(6, 11)
    visible = rng.randrange(3, wrong)
    return TestWorth(
        mutants=12,
        wrong=wrong,
        killed_visible=visible,
        killed_with_proposed=rng.randrange(visible, wrong + 1),
        rejected_candidates=(rejected,) if rng.randrange(3) == 0 else (),
        accepted=rng.randrange(1, 5),
        refused=rng.randrange(3),
    )


def make_ledger(entrant: str, rng: random.Random, gain: float) -> Ledger:
    """Return a plausible ledger whose parts add up to its totals."""
    purposes = [Purpose(level=v, agent=a, action=c) for v, a, c in _AGENTS.get(entrant, ())]
    parts = []
    for purpose in purposes:
        calls = rng.randrange(3, 9)
        unpriced = {"llm-c": calls, "cooperative": int(purpose.level is Level.ASM)}.get(entrant, 0)
        amounts = Amounts(
            model_calls=calls,
            tokens=calls * rng.randrange(1800, 5200),
            nano_dollars=(calls - unpriced) * rng.randrange(1_000_000, 4_000_000),
            estimated_calls=1 if entrant == "llm-c" else 0,
            unpriced_calls=unpriced,
            replayed_calls=calls if entrant == "best-of-n" else 0,
        )
        parts.append(Spending(purpose=purpose, charges=calls, amounts=amounts))
    for level in sorted({p.level for p in purposes if p.level is not None} or {Level.C}):
        build = Amounts(
            compile_ns=rng.randrange(NANO, 20 * NANO),
            run_ns=rng.randrange(NANO, 9 * NANO),
            evaluations=rng.randrange(2, 16),
        )
        purpose = Purpose(level=level, action="cost")
        parts.append(Spending(purpose=purpose, charges=build.evaluations, amounts=build))
    total = Amounts()
    for part in sorted(parts, key=lambda p: (p.purpose.level or "", p.purpose.agent)):
        total = total.plus(part.amounts)
    return Ledger(
        compile_s=total.compile_ns / NANO,
        run_s=total.run_ns / NANO,
        wall_s=round(rng.uniform(60, 400), 3),
        evaluations=total.evaluations,
        model_calls=total.model_calls,
        tokens=total.tokens,
        nano_dollars=None if total.unpriced_calls else total.nano_dollars,
        estimated_calls=total.estimated_calls,
        replayed_calls=total.replayed_calls,
        caps=CAPS,
        by_purpose=tuple(sorted(parts, key=lambda p: (p.purpose.level or "", p.purpose.agent))),
        curve=_curve(rng, total, gain),
    )


def _curve(rng: random.Random, total: Amounts, gain: float) -> tuple[CurvePoint, ...]:
    points = []
    for i, share in enumerate((0.1, 0.35, 0.7)):
        spent = Amounts(
            model_calls=int(total.model_calls * share),
            tokens=int(total.tokens * share),
            compile_ns=int(total.compile_ns * share),
            evaluations=i + 1,
        )
        reached = round(max(gain, 1.02) ** ((i + 1) / 3) + 0.001 * rng.random(), 6)
        points.append(CurvePoint(candidate=f"{i:016x}", level=Level.C, gain=reached, spent=spent))
    return tuple(points)


def events_of(run: ModelRun, trial: Trial) -> tuple[Event, ...]:
    """Return a trial's events."""
    assert trial.trajectory_blob is not None
    lines = run.blobs[trial.trajectory_blob].splitlines()
    return tuple(Event.model_validate_json(line) for line in lines)
