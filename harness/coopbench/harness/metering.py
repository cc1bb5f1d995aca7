"""The frame around every action of the workbench: reserve, act, settle, and write it down."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydantic import JsonValue

from coopbench.harness.base import Level
from coopbench.harness.budget import Budget, BudgetSpentError
from coopbench.harness.ledger import Amounts, Purpose
from coopbench.harness.model import Candidate
from coopbench.harness.told import told
from coopbench.harness.trajectory import Recorder, event

TIME = Amounts(compile_ns=1, run_ns=1)
"""The least that an action which builds and runs may cost, so that a spent cap refuses it."""


@dataclass(frozen=True)
class Task:
    """An action that is about to be taken."""

    kind: str
    """Kind of its event: `build`, `check`, `cost`, `lower`, `inspect`, `profile`, `workload`."""
    action: str
    """What time and money are spent on, e.g. `remarks`."""
    agent: str
    level: Level | None = None
    candidate: str | None = None
    ask: Amounts = TIME
    """What to reserve."""
    fixed: Amounts = field(default_factory=Amounts)
    """What it costs whatever happens, beside time."""
    data: dict[str, JsonValue] = field(default_factory=dict)
    """What its event says of the request."""


class Act:
    """An action under way: measures its time, and learns how it ended."""

    def __init__(self) -> None:
        self.compile_ns = 0
        self.run_ns = 0
        self.outcome = "infra_failed"
        self.text = ""
        self.data: dict[str, JsonValue] = {}

    @contextmanager
    def compiling(self) -> Iterator[None]:
        """Count what happens meanwhile as compilers' time."""
        start = time.monotonic_ns()
        try:
            yield
        finally:
            self.compile_ns += time.monotonic_ns() - start

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count what happens meanwhile as subjects' time."""
        start = time.monotonic_ns()
        try:
            yield
        finally:
            self.run_ns += time.monotonic_ns() - start

    def ended(self, result: object) -> None:
        """Say how it ended, judging by its result."""
        said = told(result)
        self.outcome, self.text = said.outcome, said.text
        self.data |= said.data


def agent_of(candidate: Candidate) -> str:
    """Return the agent that work on a candidate is charged to.

    `made_by` is `entrant:agent`, e.g. `cooperative:c`; an entrant of one piece is its own agent.
    """
    entrant, _, agent = candidate.made_by.partition(":")
    return agent or entrant


def about(
    candidate: Candidate, kind: str, action: str = "", ask: Amounts = TIME, **data: JsonValue
) -> Task:
    """Return an action on a candidate, charged to its level and to the agent that made it."""
    return Task(
        kind,
        action or kind,
        agent_of(candidate),
        candidate.level,
        candidate.id,
        ask,
        data=data,
    )


class Meter:
    """Charges actions to a budget and writes each to the trajectory.

    Args:
        budget: What is charged.
        recorder: Where events go.
    """

    def __init__(self, budget: Budget, recorder: Recorder) -> None:
        self._budget = budget
        self._recorder = recorder

    @contextmanager
    def action(self, task: Task) -> Iterator[Act]:
        """Reserve before, settle after; one event in any case.

        Raises:
            BudgetSpentError: if a cap does not allow it; nothing is done then.
        """
        act = Act()
        purpose = Purpose(level=task.level, agent=task.agent, action=task.action)
        try:
            reservation = self._budget.reserve(purpose, task.ask)
        except BudgetSpentError as e:
            act.outcome, act.text = "budget_spent", str(e)
            self._record(task, act)
            raise
        try:
            yield act
        finally:
            spent = Amounts(compile_ns=act.compile_ns, run_ns=act.run_ns)
            self._budget.settle(reservation, spent.plus(task.fixed))
            self._record(task, act)

    def _record(self, task: Task, act: Act) -> None:
        seconds = (act.compile_ns + act.run_ns) / 1e9
        self._recorder.record(
            event(
                task.kind,
                act.text,
                agent=task.agent,
                level=task.level,
                candidate=task.candidate,
                data={
                    **task.data,
                    "action": task.action,
                    "outcome": act.outcome,
                    "seconds": round(seconds, 6),
                    **act.data,
                },
            )
        )
