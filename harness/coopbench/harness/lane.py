"""The measuring lane: one processor, several measurements in turns, one block at a time."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from coopbench.harness.errors import InfraError
from coopbench.harness.measure.pairs import PairSession, Wrong
from coopbench.harness.model import Block, Measurement, Trial
from coopbench.harness.pending import Pending
from coopbench.harness.trial import conclude, infra_failed

ACTIVE = 6
"""Measurements that take turns; more share drift better and hold more memory."""

Open = Callable[[Pending], PairSession[Any, Any]]


@dataclass(eq=False)
class _Active:
    pending: Pending
    session: PairSession[Any, Any]
    followers: list[Pending] = field(default_factory=list)
    """Trials whose candidates have the same executable; they share the measurement."""


class Lane:
    """Measures verified trials while nothing else runs.

    Args:
        run: The run's id.
        open_session: Makes (or resumes) the session of a trial.
        on_block: Called with each new block; must store it.
        on_trial: Called with each finished trial; must store it.
        order: Source of the random turns.
    """

    def __init__(
        self,
        run: str,
        open_session: Open,
        on_block: Callable[[Pending, Block, PairSession[Any, Any]], None],
        on_trial: Callable[[Trial], None],
        order: random.Random,
    ) -> None:
        self._run = run
        self._open = open_session
        self._on_block = on_block
        self._on_trial = on_trial
        self._order = order
        self._active: list[_Active] = []
        self._known: dict[tuple[str, str, str], tuple[str, Measurement]] = {}

    def remember(self, trial: Trial) -> None:
        """Take note of a measurement made earlier in this run, so that it is not made again."""
        if trial.measurement is not None and trial.exe_sha256 and trial.control is None:
            self._known.setdefault(
                (trial.benchmark, trial.target, trial.exe_sha256),
                (trial.entrant, trial.measurement),
            )

    def run(self, waiting: Iterable[Pending]) -> None:
        """Measure all trials, a few at a time, in random turns."""
        coming = iter(waiting)
        while True:
            self._take_in(coming)
            if not self._active:
                return
            self._turn(self._order.choice(self._active))

    def _take_in(self, coming: Iterator[Pending]) -> None:
        while len(self._active) < ACTIVE:
            pending = next(coming, None)
            if pending is None:
                return
            self._admit(pending)

    def _admit(self, pending: Pending) -> None:
        same = self._same(pending)
        if same is not None:
            same.followers.append(pending)
            return
        known = None if pending.control else self._known.get(_identity(pending))
        if known is not None:
            self._share(pending, *known)
            return
        try:
            session = self._open(pending)
        except InfraError as e:
            self._on_trial(self._troubled(pending, e))
            return
        self._active.append(_Active(pending, session))

    def _turn(self, active: _Active) -> None:
        try:
            made = active.session.step() if not active.session.finished else None
        except InfraError as e:
            self._active.remove(active)
            active.session.close()
            for p in (active.pending, *active.followers):
                self._on_trial(self._troubled(p, e))
            return
        if isinstance(made, Block):
            self._on_block(active.pending, made, active.session)
        if active.session.finished:
            self._active.remove(active)
            self._conclude(active)

    def _conclude(self, active: _Active) -> None:
        session = active.session
        session.close()
        wrong: Wrong | None = session.wrong
        trial = conclude(
            self._run, active.pending, session.measurement(), wrong=wrong, session=session
        )
        self._on_trial(trial)
        self.remember(trial)
        for follower in active.followers:
            if wrong is not None:
                self._on_trial(conclude(self._run, follower, wrong.failure, wrong=wrong))
            elif trial.measurement is not None:
                self._share(follower, trial.entrant, trial.measurement)

    def _share(self, pending: Pending, entrant: str, measurement: Measurement) -> None:
        note = f"same executable as {entrant}'s; measured once, there"
        shared = measurement.model_copy(update={"note": note})
        self._on_trial(conclude(self._run, pending, shared))

    def _troubled(self, pending: Pending, error: InfraError) -> Trial:
        return infra_failed(self._run, pending.key, error, pending.started_at, pending)

    def _same(self, pending: Pending) -> _Active | None:
        if pending.control:
            return None
        for active in self._active:
            if not active.pending.control and _identity(active.pending) == _identity(pending):
                return active
        return None


def _identity(pending: Pending) -> tuple[str, str, str]:
    return pending.key.benchmark, pending.key.target, pending.examined.exe_sha256 or ""
