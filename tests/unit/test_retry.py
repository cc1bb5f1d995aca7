"""Retries stop at the deadline, obey providers up to a cap, and leave nothing unwritten."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopbench.agents.backends.model import Answer, CallFailed, FailureKind, Provenance
from coopbench.agents.backends.retry import (
    Failure,
    RetryPolicy,
    asked_wait,
    call_with_retries,
    one_line,
)

ANSWER = Answer(
    text="a", stop="end", usage=None, model="m", provenance=Provenance(kind="script", detail="t")
)
FAILURES = st.builds(
    Failure,
    kind=st.sampled_from(FailureKind),
    detail=st.text(),
    remedy=st.text(),
    again=st.sampled_from(["yes", "once", "never"]),
    after_s=st.none() | st.floats(0, 1e9),
    maybe_billed=st.booleans(),
)


@dataclass
class Provider:
    """A provider on a clock of its own, and everything that was done with it."""

    script: list[Answer | Failure]
    takes_s: float = 1.0
    now: float = 0.0
    calls: int = 0
    slept: list[float] = field(default_factory=list)

    def attempt(self, deadline: float) -> Answer | Failure:
        """Play the next part of the script; the last one for ever."""
        self.now += min(self.takes_s, max(0.0, deadline - self.now))
        self.calls += 1
        return self.script[min(self.calls, len(self.script)) - 1]

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds

    def call(
        self, deadline: float = 1e6, retries: int = 4, draw: float = 1.0
    ) -> Answer | CallFailed:
        """Call with retries."""
        policy = RetryPolicy(
            retries=retries, sleep=self.sleep, draw=lambda: draw, clock=lambda: self.now
        )
        return call_with_retries(self.attempt, deadline, policy, "backend 'b'")


def passing(kind: FailureKind = FailureKind.UNAVAILABLE, after_s: float | None = None) -> Failure:
    """Return a failure that may be tried again."""
    return Failure(kind, "503 busy", "wait", "yes", after_s)


@given(
    script=st.lists(FAILURES, max_size=8),
    answered=st.booleans(),
    deadline=st.floats(0, 500),
    takes_s=st.floats(0, 100),
    retries=st.integers(0, 6),
    draw=st.floats(0, 1, exclude_max=True),
)
def test_whatever_fails_no_wait_passes_the_deadline(
    script: list[Failure],
    answered: bool,
    deadline: float,
    takes_s: float,
    retries: int,
    draw: float,
) -> None:
    """Time, number of attempts and what was written down are right for every script."""
    provider = Provider([*script, ANSWER] if answered or not script else list(script), takes_s)
    outcome = provider.call(deadline, retries, draw)
    assert provider.now <= deadline
    assert provider.calls == len(outcome.attempts) <= retries + 1
    assert all(w <= 60.0 for w in provider.slept)
    assert [a.waited_s for a in outcome.attempts] == [0.0, *provider.slept][: provider.calls]
    played = [provider.script[min(i, len(provider.script) - 1)] for i in range(provider.calls)]
    assert [a.failure for a in outcome.attempts] == [
        p.kind if isinstance(p, Failure) else None for p in played
    ]
    assert [a.maybe_billed for a in outcome.attempts] == [
        isinstance(p, Failure) and p.maybe_billed for p in played
    ]
    if isinstance(outcome, CallFailed):
        assert outcome.maybe_billed == any(a.maybe_billed for a in outcome.attempts)
        assert outcome.message.startswith("backend 'b': ")


def test_waits_double_up_to_a_limit() -> None:
    """Half a second, one, two… and never more than twenty seconds."""
    provider = Provider([passing()])
    outcome = provider.call(retries=8)
    assert provider.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]
    assert isinstance(outcome, CallFailed)
    assert outcome.message == "backend 'b': 503 busy (tried 9 times); wait"


@pytest.mark.parametrize(("draw", "wait"), [(0.0, 0.25), (0.5, 0.375)])
def test_waits_are_spread(draw: float, wait: float) -> None:
    """Chance takes off up to a half."""
    provider = Provider([passing(), ANSWER])
    assert isinstance(provider.call(draw=draw), Answer)
    assert provider.slept == [wait]


@pytest.mark.parametrize(("asked", "wait"), [(0.1, 0.5), (7.0, 7.0), (3600.0, 60.0)])
def test_what_the_provider_asks_is_obeyed_up_to_a_cap(asked: float, wait: float) -> None:
    """A longer wait than our own is kept, an absurd one is cut."""
    provider = Provider([passing(FailureKind.RATE_LIMITED, asked), ANSWER])
    assert isinstance(provider.call(), Answer)
    assert provider.slept == [wait]


@pytest.mark.parametrize(
    ("kind", "final"),
    [
        (FailureKind.RATE_LIMITED, FailureKind.RATE_LIMITED),
        (FailureKind.TIMEOUT, FailureKind.TIMEOUT),
        (FailureKind.UNAVAILABLE, FailureKind.BUDGET_EXCEEDED),
    ],
)
def test_no_time_for_another_attempt_ends_the_call(kind: FailureKind, final: FailureKind) -> None:
    """It ends at once, without a wait that could not help, and says what came before."""
    provider = Provider([passing(kind, after_s=30)])
    outcome = provider.call(deadline=20)
    assert isinstance(outcome, CallFailed)
    assert outcome.kind is final
    assert outcome.message == "backend 'b': 503 busy (no time is left for another attempt); wait"
    assert not provider.slept
    assert provider.calls == 1


def test_nonsense_is_tried_again_once_over_all() -> None:
    """Two answers that are none end the call, even with another failure between them."""
    nonsense = Failure(FailureKind.MALFORMED_RESPONSE, "x", again="once")
    provider = Provider([nonsense, passing(), nonsense, ANSWER])
    outcome = provider.call()
    assert isinstance(outcome, CallFailed)
    assert outcome.kind is FailureKind.MALFORMED_RESPONSE
    assert provider.calls == 3


def test_a_clock_that_jumps_while_waiting_does_not_lead_to_another_attempt() -> None:
    """After a sleep that took too long the call ends with what went wrong before."""
    provider = Provider([passing()])
    policy = RetryPolicy(
        sleep=lambda seconds: provider.sleep(100.0), draw=lambda: 0.0, clock=lambda: provider.now
    )
    outcome = call_with_retries(provider.attempt, 50.0, policy, "b")
    assert isinstance(outcome, CallFailed)
    assert outcome.kind is FailureKind.BUDGET_EXCEEDED
    assert provider.calls == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "7"}, 7.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, 90.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Mon, 99 Foo 9999999999999 00:00:00 GMT"}, None),
    ],
)
def test_the_wait_that_a_response_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, milliseconds or a date; what is not readable asks for nothing."""
    assert asked_wait(headers, now=10.0) == seconds


@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms"]), st.text()))
def test_any_header_is_survived(headers: dict[str, str]) -> None:
    """Whatever stands there, it is a wait or nothing."""
    wait = asked_wait(headers, now=0.0)
    assert wait is None or wait >= 0


@given(st.text(), st.integers(1, 80))
def test_a_line_is_a_line(text: str, limit: int) -> None:
    """It has no line breaks and is not longer than said."""
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
