"""How long one call may take: as long as the usual, the backend's patience or the budget says."""

import time
from dataclasses import dataclass, field

import pytest
from tests.support.fake_bench import FakeBench

from coopbench.agents.ask import CALL_SECONDS, Models, Question
from coopbench.agents.backends.model import (
    CallFailed,
    Capabilities,
    FailureKind,
    Message,
    Request,
)
from coopbench.agents.backends.prices import PriceList
from coopbench.harness.ledger import NANO, Caps


@dataclass
class Patient:
    """A backend that notes how long it might have taken, and has no answer."""

    patience_s: float | None
    name: str = "patient"
    model: str = ""
    allowed: list[float] = field(default_factory=list)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(patience_s=self.patience_s)

    def complete(self, request: Request, deadline: float) -> CallFailed:
        self.allowed.append(deadline - time.monotonic())
        return CallFailed(kind=FailureKind.TIMEOUT, message="nobody is there")

    def observe(self, scope: str, key: str, value: float | None) -> float | None:
        return value

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("patience", "wall_s", "allowed"),
    [
        (None, None, CALL_SECONDS),
        (None, 50, 50),
        (86_400.0, None, 86_400),
        (86_400.0, 7200, 7200),
        (30.0, None, 30),
    ],
)
def test_the_deadline_of_a_call(patience: float | None, wall_s: int | None, allowed: float) -> None:
    """A patient backend gets longer than others, but never beyond the wall time that is left."""
    backend = Patient(patience)
    bench = FakeBench(caps=Caps(wall_ns=None if wall_s is None else wall_s * NANO))
    models = Models({"": backend}, bench, bench.settings, PriceList([]), bench.trial)
    question = Question("c", "rewrite 1", "", (Message(role="user", text="Hi."),))
    assert isinstance(models.ask(question), CallFailed)
    assert backend.allowed == [pytest.approx(allowed, abs=10, rel=0)]
