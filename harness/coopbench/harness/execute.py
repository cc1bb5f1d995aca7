"""Carries out a run: timed targets first, then emulated ones.

While a target is timed, one processor measures and the others build and verify. Counting does
not mind company, so emulated targets use all processors at once.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from coopbench.harness.errors import InfraError
from coopbench.harness.lane import Lane
from coopbench.harness.launch import measuring_cpu
from coopbench.harness.locks import measuring_lock
from coopbench.harness.measure.controls import PLANTED_SLOWDOWN
from coopbench.harness.measure.decision import StopRule
from coopbench.harness.measure.pairs import PairSession
from coopbench.harness.model import Block, Ledger, Target, Trial
from coopbench.harness.optimizer import Optimizer
from coopbench.harness.plan import TrialKey, trial_keys
from coopbench.harness.progress import Progress
from coopbench.harness.record import RunRecord
from coopbench.harness.referee import Referee
from coopbench.harness.store import Store
from coopbench.harness.trial import (
    ControlKind,
    Pending,
    conclude,
    control_kind,
    count,
    infra_failed,
    prepare,
    trial_id,
)
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
    record, store = run.record, run.store
    _admit_all(run)
    done = {(k.entrant, k.benchmark, k.target, k.repetition) for k in store.done_keys(record.id)}
    todo = {t.name: _keys(run, t, done) for t in record.plan.targets}
    run.progress.planned(sum(map(len, todo.values())) + len(done), len(done))
    timed = [t for t in record.plan.targets if not t.emulated and todo[t.name]]
    if timed:
        with measuring_lock(wait=run.wait), _keep_off(measuring_cpu()):
            for target in timed:
                _run_timed(run, target, todo[target.name])
    for target in record.plan.targets:
        if target.emulated and todo[target.name]:
            _run_counted(run, target, todo[target.name])


def _admit_all(run: Run) -> None:
    """Check every benchmark before the first trial, so that a bad one costs nothing else."""
    plan = run.record.plan
    run.progress.note(f"admitting {len(plan.benchmarks)} benchmarks on {len(plan.targets)} targets")
    cells = [(b, t) for t in plan.targets for b in plan.benchmarks]
    with ThreadPoolExecutor(max(1, len(os.sched_getaffinity(0))), "admit") as pool:
        for future in [pool.submit(run.referee, b, t) for b, t in cells]:
            future.result()


def _keys(run: Run, target: Target, done: set[tuple[str, str, str, int]]) -> list[TrialKey]:
    plan = run.record.plan
    keys = [k for k in trial_keys(plan, [target]) if run.refused(k.entrant, target) is None]
    if not target.emulated:
        keys += _controls(run, target)
    keys = [k for k in keys if (k.entrant, k.benchmark, k.target, k.repetition) not in done]
    random.Random(derive_seed(run.secret, "order", target.name)).shuffle(keys)  # noqa: S311 - replayable order
    return keys


def _controls(run: Run, target: Target) -> list[TrialKey]:
    """Draw the benchmarks of the A/A and planted-effect controls; entrants cannot know them.

    Only kernels have a driver in which an effect can be planted.
    """
    plan = run.record.plan
    draw = random.Random(derive_seed(run.secret, "controls", target.name))  # noqa: S311 - replayable
    kernels = [b.name for b in run.record.benchmarks if b.kind == "kernel"]
    keys = []
    for entrant, names in (("control-aa", list(plan.benchmarks)), ("control-planted", kernels)):
        chosen = draw.sample(names, min(plan.controls, len(names)))
        keys += [TrialKey(entrant, name, target.name, 0) for name in chosen]
    return keys


def _run_timed(run: Run, target: Target, keys: list[TrialKey]) -> None:
    stop = threading.Event()
    order = random.Random(derive_seed(run.secret, "turns", target.name))  # noqa: S311 - replayable
    lane = Lane(
        run.record.id,
        lambda pending: _open(run, target, pending),
        lambda pending, block, session: _on_block(run, pending, block, session),
        lambda trial: _commit(run, trial),
        order,
    )
    for trial in run.store.trials(run.record.id, blocks=False):
        lane.remember(trial)
    with ThreadPoolExecutor(1, "prepare") as pool:
        future = pool.submit(_prepare_all, run, target, keys, lane, stop)
        try:
            lane.run(lambda: not future.done())
        finally:
            stop.set()
        future.result()


def _prepare_all(
    run: Run, target: Target, keys: Iterable[TrialKey], lane: Lane, stop: threading.Event
) -> None:
    for key in keys:
        if stop.is_set():
            return
        item = _prepared(run, target, key)
        if isinstance(item, Trial):
            _commit(run, item)
        else:
            lane.submit(item, stop)


def _prepared(run: Run, target: Target, key: TrialKey) -> Pending | Trial:
    run.progress.preparing(key)
    started = time.time()
    referee = run.referee(key.benchmark, target)
    plan = run.record.plan
    try:
        kind = control_kind(key.entrant)
        if kind is not None:
            return _control(run, key, kind, referee, started)
        entrant = run.entrants[key.entrant]
        item = prepare(
            run.record.id, key, entrant, referee, plan.budget_evaluations, run.store.put_blob
        )
        if isinstance(item, Pending) and not target.emulated:
            return _with_cross_check(item, referee)
    except InfraError as e:
        return infra_failed(run.record.id, key, e, started)
    return item


def _control(
    run: Run, key: TrialKey, kind: ControlKind, referee: AnyReferee, started: float
) -> Pending:
    return Pending(
        key,
        trial_id(run.record.id, key),
        referee.baseline.candidate,
        None,
        referee.benchmark.files,
        referee.baseline,
        Ledger(),
        started,
        control=kind,
    )


def _with_cross_check(pending: Pending, referee: AnyReferee) -> Pending:
    counts = referee.cross_check(pending.examined)
    return pending if counts is None else replace(pending, instructions=counts)


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
    return referee.session(
        pending.id, pending.examined, rule, run.store.pending(pending.id), slowdown
    )


def _claims(run: Run) -> int:
    """Return how many comparisons the report will correct for: an upper bound, from the plan."""
    plan = run.record.plan
    cells = len(plan.benchmarks) * len(plan.entrants) * plan.repetitions
    return max(1, cells * sum(not t.emulated for t in plan.targets))


def _run_counted(run: Run, target: Target, keys: list[TrialKey]) -> None:
    """Count on every processor at once: counts do not depend on what else runs."""
    stop = threading.Event()

    def one(key: TrialKey) -> None:
        if stop.is_set():
            return
        item = _prepared(run, target, key)
        if isinstance(item, Pending):
            referee = run.referee(key.benchmark, target)
            try:
                measured = count(item, referee)
                item = conclude(run.record.id, item, measured)
            except InfraError as e:
                item = infra_failed(run.record.id, key, e, item.started_at)
        _commit(run, item)

    with ThreadPoolExecutor(max(1, len(os.sched_getaffinity(0))), "count") as pool:
        futures = [pool.submit(one, key) for key in keys]
        try:
            for future in futures:
                future.result()
        finally:
            stop.set()
            for future in futures:
                future.cancel()


def _on_block(run: Run, pending: Pending, block: Block, session: PairSession[Any, Any]) -> None:
    run.store.append_block(pending.id, block)
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
