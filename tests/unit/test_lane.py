"""The measuring lane: turns, sharing of equal executables, failures."""

import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from coopbench.harness.base import Level
from coopbench.harness.cases import Failure
from coopbench.harness.errors import InfraError
from coopbench.harness.lane import ACTIVE, Lane
from coopbench.harness.ledger import Ledger
from coopbench.harness.measure.pairs import Wrong
from coopbench.harness.model import (
    Block,
    Candidate,
    Decision,
    Evidence,
    Launch,
    Measurement,
    Metric,
    Outcome,
    Rung,
    Searched,
    Trial,
    Verdict,
)
from coopbench.harness.pending import Pending
from coopbench.harness.referee import Examined
from coopbench.harness.store_rows import TrialKey


@dataclass
class FakeSession:
    """A session that ends after some blocks, in success, failure or trouble."""

    name: str
    log: list[str]
    length: int = 4
    fails: bool = False
    breaks: bool = False
    blocks: list[Block] = field(default_factory=list)
    wrong: Wrong | None = None
    closed: bool = False

    @property
    def finished(self) -> bool:
        return self.wrong is not None or len(self.blocks) >= self.length

    def step(self) -> Block | Wrong:
        self.log.append(self.name)
        if self.breaks:
            raise InfraError("the sandbox broke down")
        if self.fails:
            self.wrong = Wrong(Failure(Outcome.WRONG_OUTPUT, "y[3] differs"))
            return self.wrong
        pair = (Launch(arm="baseline", value=2.0), Launch(arm="candidate", value=1.0))
        block = Block(
            index=len(self.blocks),
            first="baseline",
            input_seed=1,
            launches=pair,
            outputs_agree=True,
            started_at=0.0,
        )
        self.blocks.append(block)
        return block

    def close(self) -> None:
        self.closed = True

    def measurement(self) -> Measurement:
        return Measurement(
            metric=Metric.CPU_SECONDS,
            decision=Decision.FASTER,
            speedup=2.0,
            interval=None,
            blocks=tuple(self.blocks),
        )

    def evidence(self) -> Evidence:
        return Evidence(rung=Rung.TIMED, passed=not self.fails, tried=8, seconds=0, detail="")


def pending(entrant: str, sha: str | None = None, control: Any = None) -> Pending:
    """Return a verified trial of one benchmark."""
    candidate = Candidate(
        benchmark="b", level=Level.C, files={"kernel.c": entrant}, made_by=entrant
    )
    verdict = Verdict(outcome=None, reason="fine", evidence=())
    examined = Examined(candidate, verdict, (), Path("x"), sha or entrant)
    return Pending(
        TrialKey(entrant, "b", "t", 0), examined, None, {}, Ledger(), 0.0, control=control
    )


@dataclass
class Stage:
    """A lane with its fake sessions and what it reported."""

    sessions: dict[str, FakeSession] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)
    stored: list[tuple[str, int]] = field(default_factory=list)
    plans: dict[str, dict[str, Any]] = field(default_factory=dict)

    def open(self, p: Pending) -> Any:
        name = p.key.entrant
        self.sessions[name] = FakeSession(name, self.log, **self.plans.get(name, {}))
        return self.sessions[name]

    def run(self, *waiting: Pending) -> dict[str, Trial]:
        lane = Lane(
            "run",
            self.open,
            lambda p, block, _: self.stored.append((p.key.entrant, block.index)),
            self.trials.append,
            random.Random(1),
        )
        lane.run(waiting)
        return {t.entrant: t for t in self.trials}


def test_every_trial_ends_exactly_once_and_every_block_is_stored() -> None:
    """All trials finish, each block is handed on once and in order, all sessions are closed."""
    stage = Stage()
    found = stage.run(*(pending(f"e{i}") for i in range(3 * ACTIVE)))
    assert len(stage.trials) == len(found) == 3 * ACTIVE
    assert sorted(stage.stored) == sorted((e, i) for e in found for i in range(4))
    assert all(s.closed for s in stage.sessions.values())


def test_trials_take_turns() -> None:
    """No trial is measured to its end while others wait."""
    stage = Stage(plans={f"e{i}": {"length": 20} for i in range(3)})
    stage.run(*(pending(f"e{i}") for i in range(3)))
    runs = sum(a == b for a, b in zip(stage.log, stage.log[1:], strict=False))
    assert runs < len(stage.log) / 2


def test_equal_executables_are_measured_once() -> None:
    """A second entrant with the same executable shares the measurement and says whose it is."""
    stage = Stage()
    found = stage.run(pending("one", "same"), pending("two", "same"), pending("three"))
    assert set(stage.sessions) == {"one", "three"}
    assert found["two"].measurement is not None
    assert "one's" in found["two"].measurement.note
    assert found["two"].outcome is Outcome.FASTER
    assert len(found["two"].measurement.blocks) == 4


def test_controls_are_never_shared() -> None:
    """A control has the baseline's executable, and still gets measurements of its own."""
    stage = Stage()
    found = stage.run(
        pending("control-aa", "base", "aa"), pending("control-planted", "base", "planted")
    )
    assert set(stage.sessions) == {"control-aa", "control-planted"}
    assert found["control-aa"].control == "aa"


def test_a_candidate_that_fails_while_timed_fails_with_all_its_followers() -> None:
    """A wrong output in a timed launch overturns every trial with that executable."""
    stage = Stage(plans={"one": {"fails": True}})
    found = stage.run(pending("one", "same"), pending("two", "same"))
    assert {t.outcome for t in found.values()} == {Outcome.WRONG_OUTPUT}
    assert all(t.verdict is not None and not t.verdict.passed for t in found.values())


def test_our_own_trouble_ends_one_trial_and_not_the_run() -> None:
    """A broken sandbox makes its trial `infra_failed`, costs kept; the others go on."""
    stage = Stage(plans={"bad": {"breaks": True}})
    searched = Searched(sources={"command: me": 3}, trajectory_blob="a" * 64)
    bad = replace(pending("bad"), ledger=Ledger(model_calls=3), searched=searched)
    found = stage.run(bad, pending("good"))
    assert found["bad"].outcome is Outcome.INFRA_FAILED
    assert found["bad"].ledger == Ledger(model_calls=3)
    assert found["bad"].sources == {"command: me": 3}
    assert found["bad"].trajectory_blob == "a" * 64
    assert found["good"].outcome is Outcome.FASTER
    assert stage.sessions["bad"].closed
