"""Asks models within the budget: reserve, call, settle, and write it all down."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from coopbench.agents.backends.model import (
    Answer,
    Backend,
    CallFailed,
    Message,
    Request,
    Usage,
)
from coopbench.agents.backends.prices import PriceList
from coopbench.agents.backends.volatile import plain
from coopbench.harness.base import Level
from coopbench.harness.ledger import NANO, Amounts, Currency, Purpose
from coopbench.harness.optimizer import Workbench
from coopbench.harness.settings import Settings
from coopbench.harness.trajectory import event

CALL_SECONDS = 600.0
"""Most seconds one call may take, all attempts included, unless its backend needs longer."""
BYTES_PER_TOKEN = 3
"""For estimates where no usage is told; newer tokenizers need about a token per 3 bytes of code."""


@dataclass(frozen=True)
class Question:
    """What an agent asks, without the trial's circumstances."""

    role: str
    step: str
    system: str
    messages: tuple[Message, ...]
    template: str = ""
    template_sha256: str = ""
    level: Level | None = None
    """Level that the call is spent on."""
    action: str = "rewrite"
    """Action that the call is spent on."""


class Models:
    """The models of one trial.

    Args:
        backends: By role; the key `""` is for all other roles.
        workbench: Whose budget is charged and whose trajectory is written.
        settings: Limits of an answer.
        prices: What calls cost.
        scope: The trial's name in tapes.
    """

    def __init__(
        self,
        backends: Mapping[str, Backend],
        workbench: Workbench,
        settings: Settings,
        prices: PriceList,
        scope: str,
    ) -> None:
        self._backends = backends
        self._bench = workbench
        self._settings = settings
        self._prices = prices
        self.scope = scope
        self.answers = 0
        """Calls that brought an answer, of whatever worth."""
        self.failures_in_a_row = 0
        """Calls without an answer since the last answer; the search gives up after a few."""
        self.last_failure: CallFailed | None = None

    def ask(self, question: Question) -> Answer | CallFailed:
        """Put a question to the model of its role.

        Raises:
            BudgetSpentError: if the call could overspend; nothing is asked then.
        """
        backend = self._of(question.role)
        request = self._request(question)
        purpose = Purpose(level=question.level, agent=question.role, action=question.action)
        expected = self._expected(backend, request)
        reservation = self._bench.reserve(purpose, expected)
        actual = expected
        try:
            self._note_request(request)
            start = time.monotonic()
            answer = backend.complete(request, start + self._seconds(backend))
            actual = self._cost(backend, request, answer, expected)
        finally:
            self._bench.settle(reservation, actual)
        self._note_answer(question, answer, actual, time.monotonic() - start)
        if isinstance(answer, CallFailed):
            self.failures_in_a_row += 1
            self.last_failure = answer
        else:
            self.failures_in_a_row = 0
            self.answers += 1
        return answer

    def observe(self, role: str, key: str, value: float | None) -> float | None:
        """Return the value that steers the search (see `Backend.observe`)."""
        return self._of(role).observe(self.scope, key, value)

    def _of(self, role: str) -> Backend:
        return self._backends.get(role) or self._backends[""]

    def _request(self, question: Question) -> Request:
        return Request(
            scope=self.scope,
            role=question.role,
            step=question.step,
            template=question.template,
            template_sha256=question.template_sha256,
            system=question.system,
            messages=question.messages,
            max_tokens=self._settings.max_tokens,
            effort=self._settings.effort,
        )

    def _expected(self, backend: Backend, request: Request) -> Amounts:
        usage = Usage(
            input_tokens=_tokens_in(request), output_tokens=request.max_tokens, estimated=True
        )
        price = self._prices.price(backend.model, usage)
        return Amounts(
            model_calls=1,
            tokens=usage.total,
            nano_dollars=price or 0,
            estimated_calls=1,
            unpriced_calls=int(price is None),
        )

    def _cost(
        self, backend: Backend, request: Request, answer: Answer | CallFailed, expected: Amounts
    ) -> Amounts:
        lost = _lost(answer, expected)
        if isinstance(answer, CallFailed):
            return lost.plus(Amounts(model_calls=max(len(answer.attempts), lost.estimated_calls)))
        usage = answer.usage or Usage(
            input_tokens=_tokens_in(request),
            output_tokens=-(-len(answer.text.encode()) // BYTES_PER_TOKEN),
            estimated=True,
        )
        price = self._prices.price(answer.model or backend.model, usage)
        return lost.plus(
            Amounts(
                model_calls=max(1, len(answer.attempts)),
                tokens=usage.total,
                nano_dollars=price or 0,
                estimated_calls=int(usage.estimated),
                unpriced_calls=int(price is None),
                replayed_calls=int(answer.provenance.recorded_at is not None),
            )
        )

    def _seconds(self, backend: Backend) -> float:
        most = backend.capabilities.patience_s or CALL_SECONDS
        left = self._bench.remaining(Currency.WALL_NS)
        return most if left is None else min(most, left / NANO)

    def _note_request(self, request: Request) -> None:
        messages = [{"role": m.role, "text": plain(m.text)} for m in request.messages]
        self._bench.record(
            event(
                "request",
                request.step,
                agent=request.role,
                data={
                    "template": request.template,
                    "template_sha256": request.template_sha256,
                    "system": plain(request.system),
                    "messages": messages,
                },
            )
        )

    def _note_answer(
        self, question: Question, answer: Answer | CallFailed, actual: Amounts, seconds: float
    ) -> None:
        failed = isinstance(answer, CallFailed)
        data = {
            **answer.model_dump(mode="json"),
            **({} if isinstance(answer, CallFailed) else {"source": answer.provenance.text}),
            "seconds": round(seconds, 6),
            "cost": actual.model_dump(mode="json"),
        }
        self._bench.record(
            event(
                "call_failed" if failed else "answer",
                answer.message if isinstance(answer, CallFailed) else answer.text,
                agent=question.role,
                level=question.level,
                data=data,
            )
        )


def _lost(answer: Answer | CallFailed, expected: Amounts) -> Amounts:
    """Return what failed attempts may have cost: a reservation's worth each, calls apart."""
    billed = sum(a.maybe_billed for a in answer.attempts if a.failure is not None)
    if isinstance(answer, CallFailed):
        billed = max(billed, int(answer.maybe_billed))
    elif answer.provenance.recorded_at is not None:
        billed = 0  # they failed when the tape was recorded
    return Amounts(
        tokens=billed * expected.tokens,
        nano_dollars=billed * expected.nano_dollars,
        estimated_calls=billed,
        unpriced_calls=billed * expected.unpriced_calls,
    )


def _tokens_in(request: Request) -> int:
    texts = (request.system, *(m.text for m in request.messages))
    return sum(-(-len(plain(t).encode()) // BYTES_PER_TOKEN) for t in texts)
