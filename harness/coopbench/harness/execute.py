"""Carries out a run in two parts: prepare everything on all processors, then time in quiet.

Building, verifying and counting do not mind company; timing does, even on another processor:
two virtual processors are often two threads of one core. So nothing else of ours runs while
windows are open.
"""

import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from coopbench.harness.lane import Lane
from coopbench.harness.launch import measuring_cpu
from coopbench.harness.locks import measuring_lock
from coopbench.harness.measure.controls import PLANTED_SLOWDOWN
from coopbench.harness.measure.decision import StopRule
from coopbench.harness.measure.pairs import PairSession
from coopbench.harness.model import Block, Target, Trial
from coopbench.harness.optimizer import Optimizer
from coopbench.harness.pending import Pending
from coopbench.harness.plan import trial_keys
from coopbench.harness.preparing import Preparation
from coopbench.harness.progress import Progress
from coopbench.harness.record import BenchmarkRecord, RunRecord
from coopbench.harness.referee import Referee
from coopbench.harness.searching import Circumstances
from coopbench.harness.store import Store
from coopbench.harness.store_rows import TrialKey
from coopbench.harness.workload import derive_seed

AnyReferee = Referee[Any, Any]


@dataclass(frozen=True)
class Run:
    """Everything a run needs, put together by the caller."""

    record: RunRecord
    store: Store
    entrants: Mapping[str, Optimizer]
    referee: Callable[[str, Target], AnyReferee]
    """Returns the (one) referee of a benchmark on a target."""
    refused: Callable[[str, Target], str | None]
    """Says why an entrant cannot take part on a target, None if it can."""
    secret: bytes
    progress: Progress
    wait: bool = False
    """Wait for the measuring lock instead of refusing."""


def execute(run: Run) -> None:
    """Do every trial of the plan that is not done yet.

    Raises:
        UsageError: if a benchmark is at fault, or another run is measuring.
        InfraError: if the store or the machine fails.
        KeyboardInterrupt: passed on; what is stored stays.
    """
    record = run.record
    with ExitStack() as stack:
        if any(not t.emulated for t in record.plan.targets):
            stack.enter_context(measuring_lock(wait=run.wait))
        _admit_all(run)
        done = run.store.done_keys(record.id)
        cells = [(t, k) for t in record.plan.targets for k in _keys(run, t) if k not in done]
        run.progress.planned(len(cells) + len(done), len(done))
        random.Random(derive_seed(run.secret, "order")).shuffle(cells)  # noqa: S311 - replayable
        waiting = _preparation(run).all(cells)
        with _keep_off(measuring_cpu()):
            for target in record.plan.targets:
                if not target.emulated:
                    _measure_all(run, target, waiting)


def _admit_all(run: Run) -> None:
    """Check every benchmark before the first trial, so that a bad one costs nothing else."""
    plan = run.record.plan
    run.progress.note(f"admitting {len(plan.benchmarks)} benchmarks on {len(plan.targets)} targets")
    cells = [(b, t) for t in plan.targets for b in plan.benchmarks]
    with ThreadPoolExecutor(max(1, len(os.sched_getaffinity(0))), "admit") as pool:
        for future in [pool.submit(run.referee, b, t) for b, t in cells]:
            future.result()


def _preparation(run: Run) -> Preparation:
    plan = run.record.plan
    around = Circumstances(
        run.record.id,
        plan.caps,
        plan.settings,
        run.store.put_blob,
        run.store.root / "trajectories",
    )
    return Preparation(around, run.store, plan.targets, run.entrants, run.referee, run.progress)


def _keys(run: Run, target: Target) -> list[TrialKey]:
    keys = trial_keys(run.record.plan, [target])
    able = [k for k in keys if run.refused(k.entrant, target) is None]
    return able if target.emulated else [*able, *_controls(run, target)]


def _controls(run: Run, target: Target) -> list[TrialKey]:
    """Draw the benchmarks of the A/A and planted-effect controls; entrants cannot know them.

    Kernels have a driver in which an effect can be planted, programs of others a shim; the
    curated programs have neither.
    """
    plan = run.record.plan
    draw = random.Random(derive_seed(run.secret, "controls", target.name))  # noqa: S311 - replayable
    able = [b.name for b in run.record.benchmarks if _can_be_slowed(run, b, target)]
    keys = []
    for entrant, names in (("control-aa", list(plan.benchmarks)), ("control-planted", able)):
        chosen = draw.sample(names, min(plan.controls, len(names)))
        keys += [TrialKey(entrant, name, target.name, 0) for name in chosen]
    return keys


def _can_be_slowed(run: Run, benchmark: BenchmarkRecord, target: Target) -> bool:
    if benchmark.kind == "kernel":
        return True
    return run.referee(benchmark.name, target).benchmark.foreign is not None


def _measure_all(run: Run, target: Target, waiting: Sequence[Pending]) -> None:
    """Time the trials of a target; nothing else of ours runs meanwhile."""
    order = random.Random(derive_seed(run.secret, "turns", target.name))  # noqa: S311 - replayable
    lane = Lane(
        run.record.id,
        lambda pending: _open(run, target, pending),
        lambda pending, block, session: _on_block(run, pending, block, session),
        lambda trial: _commit(run, trial),
        order,
    )
    for trial in run.store.trials(run.record.id):
        lane.remember(trial)
    lane.run(p for p in waiting if p.key.target == target.name)


def _open(run: Run, target: Target, pending: Pending) -> PairSession[Any, Any]:
    plan = run.record.plan
    rule = StopRule(
        alpha=plan.alpha,
        margin=plan.margin,
        precision=plan.precision,
        min_blocks=plan.min_blocks,
        max_blocks=plan.max_blocks,
        claims=_claims(run),
    )
    slowdown = PLANTED_SLOWDOWN if pending.control == "planted" else 0.0
    referee = run.referee(pending.key.benchmark, target)
    trial = pending.key.trial_id(run.record.id)
    return referee.session(trial, pending.examined, rule, run.store.pending(trial), slowdown)


def _claims(run: Run) -> int:
    """Return how many comparisons the report will correct for: an upper bound, from the plan."""
    plan = run.record.plan
    cells = len(plan.benchmarks) * len(plan.entrants) * plan.repetitions
    return max(1, cells * sum(not t.emulated for t in plan.targets))


def _on_block(run: Run, pending: Pending, block: Block, session: PairSession[Any, Any]) -> None:
    run.store.append_block(pending.key.trial_id(run.record.id), block)
    state = session.state
    width = (
        None
        if state.log_interval is None
        else (state.log_interval.high - state.log_interval.low) / 2
    )
    run.progress.measuring(pending.key, state.blocks, state.log_estimate, width)


def _commit(run: Run, trial: Trial) -> None:
    run.store.commit_trial(trial)
    run.progress.finished(trial)


@contextmanager
def _keep_off(cpu: int | None) -> Iterator[None]:
    """Keep this process, its compilers and its linkers off the measuring processor."""
    allowed = os.sched_getaffinity(0)
    if cpu is not None:
        os.sched_setaffinity(0, allowed - {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
