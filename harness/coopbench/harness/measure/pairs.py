"""Measures one candidate against the baseline, one block at a time.

A block is a pair of fresh launches on the same secret input, in the order of a coin, in a fresh
layout: order of sections and padding are drawn anew for each block and are the same for both
arms (common random numbers), as are the places of the buffers. Sessions of several trials take
turns, so that drift is shared.
"""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, Protocol

import numpy as np

from coopbench.harness.cases import Batch, Cases, Conditions, Difference, Failure, Inputs, Observed
from coopbench.harness.errors import InfraError
from coopbench.harness.measure.decision import State, StopRule, decide, log_ratios
from coopbench.harness.model import (
    Block,
    Decision,
    Evidence,
    Interval,
    Launch,
    Measurement,
    Metric,
    Outcome,
    Rung,
)
from coopbench.harness.workload import derive_seed

ENV_BYTES = 4096
"""Padding environment variables are shorter than this (Mytkowicz et al. 2009)."""

LOOK_EVERY = 3
"""Blocks between two looks at the data."""

Arm = Literal["baseline", "candidate"]


class Layouts(Protocol):
    """Executables of one arm in seeded layouts."""

    def prefetch(self, seed: int) -> None:
        """Start linking a layout in the background."""

    def take(self, seed: int) -> Path:
        """Return the executable of a layout, waiting for the linker if need be."""

    def drop(self, seed: int) -> None:
        """Delete a layout that is not needed any more."""

    def close(self) -> None:
        """Delete everything."""


@dataclass(frozen=True)
class Setup(Generic[Inputs, Observed]):
    """What a session needs; the two arms differ in nothing but their executables."""

    key: str
    """Identifies the trial; every seed derives from it and the secret."""
    layout_key: str
    """Layouts derive from it: fresh in each block, the same for both arms of a block."""
    secret: bytes
    cases: Cases[Inputs, Observed]
    reference: Callable[[Batch[Inputs]], Observed]
    """Results of the reference for a batch."""
    baseline: Layouts
    candidate: Layouts
    rule: StopRule
    reps: int
    extra_work: int = 0
    """Planted slowdown of the candidate arm (controls only), in iterations."""


@dataclass(frozen=True)
class Wrong:
    """The candidate failed during timing: it is not the same program after all."""

    failure: Failure
    difference: Difference | None = None


class PairSession(Generic[Inputs, Observed]):
    """A measurement in progress.

    Args:
        setup: What is measured, and how.
        blocks: Blocks already made, when a killed run goes on.
    """

    def __init__(self, setup: Setup[Inputs, Observed], blocks: Iterable[Block] = ()) -> None:
        self._setup = setup
        self.blocks: list[Block] = list(blocks)
        self.wrong: Wrong | None = None
        self.state: State = decide(log_ratios(self.blocks), setup.rule)

    @property
    def finished(self) -> bool:
        """True if a verdict is reached or the blocks are used up."""
        return self.wrong is not None or self.state.stop

    def step(self) -> Block | Wrong:
        """Make the next block.

        Raises:
            InfraError: if the baseline itself fails; that is not the candidate's doing.
        """
        index = len(self.blocks)
        setup = self._setup
        rng = np.random.default_rng(derive_seed(setup.secret, "block", setup.key, index))
        order: tuple[Arm, Arm] = (
            ("baseline", "candidate") if rng.random() < 0.5 else ("candidate", "baseline")
        )
        env = {arm: int(rng.integers(ENV_BYTES)) for arm in ("baseline", "candidate")}
        # Link and make inputs side by side, and be done with both before a window opens.
        layout = self._layout_seed(index)
        setup.baseline.prefetch(layout)
        setup.candidate.prefetch(layout)
        seed = derive_seed(setup.secret, "timed", setup.key, index)
        batch = setup.cases.timed(f"timed {setup.key} {index}", seed, setup.reps)
        exes = {"baseline": setup.baseline.take(layout), "candidate": setup.candidate.take(layout)}
        started = time.time()
        runs: dict[Arm, tuple[Observed, Launch]] = {}
        for arm in order:
            run = self._launch(arm, exes[arm], batch, env[arm])
            if isinstance(run, Failure):
                self.wrong = Wrong(run)
                return self.wrong
            runs[arm] = run
        setup.baseline.drop(layout)
        setup.candidate.drop(layout)
        wrong = self._compare(batch, runs["baseline"][0], runs["candidate"][0])
        if wrong is not None:
            self.wrong = wrong
            return wrong
        block = Block(
            index=index,
            first=order[0],
            input_seed=seed,
            launches=(
                runs["baseline"][1].model_copy(update={"layout_seed": layout}),
                runs["candidate"][1].model_copy(update={"layout_seed": layout}),
            ),
            outputs_agree=True,
            started_at=started,
        )
        self.blocks.append(block)
        if self._look(len(self.blocks)):
            self.state = decide(log_ratios(self.blocks), setup.rule)
        return block

    def close(self) -> None:
        """Release the executables of both arms."""
        self._setup.baseline.close()
        self._setup.candidate.close()

    def measurement(self) -> Measurement:
        """Return the record of what was measured so far."""
        state = self.state
        return Measurement(
            metric=Metric.CPU_SECONDS,
            decision=state.decision,
            speedup=None if state.log_estimate is None else math.exp(state.log_estimate),
            interval=_ratio(state.log_interval),
            layout_interval=_ratio(state.t_interval),
            p_value=state.p_value,
            mde=state.mde,
            noise=state.noise,
            blocks=tuple(self.blocks),
            reps=self._setup.reps,
            stop="wrong_output" if self.wrong else (state.why or "interrupted"),
        )

    def evidence(self) -> Evidence:
        """Return the evidence that timed launches add: every output of every launch was checked."""
        launches = 2 * len(self.blocks)
        detail = f"outputs of {launches} timed launches checked"
        if self.wrong:
            detail += f"; then {self.wrong.failure.detail}"
        seconds = sum(x.wall_s or 0.0 for b in self.blocks for x in b.launches)
        return Evidence(
            rung=Rung.TIMED,
            passed=self.wrong is None,
            tried=launches,
            seconds=seconds,
            detail=detail,
        )

    def _launch(
        self, arm: Arm, exe: Path, batch: Batch[Inputs], env_bytes: int
    ) -> tuple[Observed, Launch] | Failure:
        setup = self._setup
        extra = setup.extra_work if arm == "candidate" else 0
        run = setup.cases.time(exe, batch, Conditions(env_bytes=env_bytes, extra_work=extra))
        if isinstance(run, Failure):
            if arm == "baseline":
                raise InfraError(
                    f"the baseline failed in a timed launch: {run.detail} ({batch.label})"
                )
            return run
        observed, launch = run
        return observed, launch.model_copy(update={"arm": arm, "env_bytes": env_bytes})

    def _compare(self, batch: Batch[Inputs], base: Observed, cand: Observed) -> Wrong | None:
        cases = self._setup.cases
        if cases.difference(batch, base, cand) is None:
            return None
        expected = self._setup.reference(batch)
        found = cases.difference(batch, expected, cand)
        if found is None:
            # The two arms differ, yet the candidate agrees with the reference: then the baseline is off.
            if cases.difference(batch, expected, base) is not None:
                raise InfraError(
                    f"the baseline disagrees with the reference on a timed input ({batch.label})"
                )
            return None
        detail = f"timed launch: {found.where}: expected {found.expected}, got {found.got}"
        return Wrong(Failure(Outcome.WRONG_OUTPUT, detail, found.workload), found)

    def _look(self, blocks: int) -> bool:
        """Tell whether to decide now; looking costs time, and any schedule of looks is valid."""
        rule = self._setup.rule
        due = blocks >= rule.min_blocks and (blocks - rule.min_blocks) % LOOK_EVERY == 0
        return due or blocks >= rule.max_blocks

    def _layout_seed(self, index: int) -> int:
        key = self._setup.layout_key
        return derive_seed(self._setup.secret, "layout", key, index) % (1 << 31)


def exact_measurement(
    metric: Metric, baseline: float, candidate: float, reps: int, note: str
) -> Measurement:
    """Return the measurement of two exact counts: fewer, more, or equal; no pairs are needed."""
    if candidate == baseline:
        decision = Decision.EQUIVALENT
    else:
        decision = Decision.FASTER if candidate < baseline else Decision.SLOWER
    ratio = baseline / candidate if candidate else None
    return Measurement(
        metric=metric,
        decision=decision,
        speedup=ratio,
        interval=None if ratio is None else Interval(low=ratio, high=ratio, confidence=1.0),
        p_value=None,
        reps=reps,
        stop="exact",
        instructions=candidate,
        baseline_instructions=baseline,
        note=note,
    )


def identical_measurement(metric: Metric) -> Measurement:
    """Return the measurement of a candidate whose executable equals the baseline's."""
    return Measurement(
        metric=metric,
        decision=Decision.IDENTICAL,
        speedup=1.0,
        interval=Interval(low=1.0, high=1.0, confidence=1.0),
        stop="identical",
        note="same executable as the baseline; not timed",
    )


def _ratio(interval: Interval | None) -> Interval | None:
    if interval is None:
        return None
    return Interval(
        low=math.exp(interval.low), high=math.exp(interval.high), confidence=interval.confidence
    )
