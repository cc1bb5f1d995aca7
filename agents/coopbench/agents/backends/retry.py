"""Trying again: one loop for all providers, bound by a deadline, every attempt written down.

The waits grow exponentially with random jitter, so that clients that failed together do not
come back together. What a provider asks for (`Retry-After`) is obeyed up to a cap.
"""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Literal

from coopbench.agents.backends.model import Answer, Attempt, CallFailed, FailureKind

DETAIL_CHARACTERS = 400
"""Longest detail of a failure; providers' messages can be whole pages."""


@dataclass(frozen=True)
class Failure:
    """Why one attempt failed, and whether another one makes sense.

    Attributes:
        kind: What sort of failure.
        detail: One line: status code and message.
        remedy: What the user can do about it, for the final message.
        again: `yes`: try again while attempts and time remain; `once`: the answer was nonsense,
            which may have been chance; `never`: the same request will fail again.
        after_s: Seconds the provider asked to wait; None if it did not.
        maybe_billed: Whether the provider may have charged for it.
    """

    kind: FailureKind
    detail: str
    remedy: str = ""
    again: Literal["yes", "once", "never"] = "never"
    after_s: float | None = None
    maybe_billed: bool = False


@dataclass(frozen=True)
class RetryPolicy:
    """How often to try again, and how long to wait before.

    Attributes:
        retries: Most attempts after the first.
        first_s: Longest wait before the second attempt; it doubles with each further one.
        longest_s: Longest wait that is not asked for by the provider.
        retry_after_cap_s: Longest wait that the provider can ask for.
        sleep: Waits some seconds.
        draw: Draws from [0, 1); waits are between half and all of what the rule gives.
        clock: Returns seconds that never go back, as deadlines are given.
    """

    retries: int = 4
    first_s: float = 0.5
    longest_s: float = 20.0
    retry_after_cap_s: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = random.SystemRandom().random
    clock: Callable[[], float] = time.monotonic

    def wait_s(self, failures: int, asked_s: float | None) -> float:
        """Return how long to wait after so many failures."""
        backoff = min(self.longest_s, self.first_s * 2.0 ** (failures - 1))
        asked = min(asked_s or 0.0, self.retry_after_cap_s)
        return max(backoff * (0.5 + 0.5 * self.draw()), asked)


def call_with_retries(
    attempt: Callable[[float], Answer | Failure], deadline: float, policy: RetryPolicy, name: str
) -> Answer | CallFailed:
    """Try until there is an answer, a failure for good, or no time for another attempt.

    Args:
        attempt: Makes one attempt; is given the deadline.
        deadline: On the policy's clock; no wait goes beyond it.
        policy: How often and when to try again.
        name: Who failed, for messages: the backend and its model.

    Returns:
        The answer, or why there is none; both with all attempts.
    """
    tries: list[Attempt] = []
    failures: list[Failure] = []
    waited = 0.0
    while True:
        start = policy.clock()
        if start >= deadline:
            return _out_of_time(name, failures, tries)
        result = attempt(deadline)
        seconds = round(policy.clock() - start, 6)
        if isinstance(result, Answer):
            tries.append(Attempt(seconds=seconds, waited_s=waited))
            return result.model_copy(update={"attempts": tuple(tries)})
        failures.append(result)
        tries.append(
            Attempt(
                seconds=seconds,
                failure=result.kind,
                detail=one_line(result.detail),
                waited_s=waited,
                maybe_billed=result.maybe_billed,
            )
        )
        if _final(failures, policy.retries):
            return _failed(name, failures, tries)
        waited = round(policy.wait_s(len(failures), result.after_s), 6)
        if policy.clock() + waited >= deadline:
            return _out_of_time(name, failures, tries)
        policy.sleep(waited)


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that a response asks to wait, None if it does not, or not readably.

    Args:
        headers: With lower-case names, or of a type that does not distinguish case.
        now: Unix time, for headers that name a date.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None or text is None:
        return seconds
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def one_line(text: str, limit: int = DETAIL_CHARACTERS) -> str:
    """Return a text on one line, cut to a readable length."""
    flat = " ".join(text[: 4 * limit].split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else -1.0
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _final(failures: list[Failure], retries: int) -> bool:
    last = failures[-1]
    nonsense = sum(f.again == "once" for f in failures)
    return last.again == "never" or nonsense > 1 or len(failures) > retries


def _failed(
    name: str, failures: list[Failure], tries: list[Attempt], why: str = "", kind: str = ""
) -> CallFailed:
    last = failures[-1]
    notes = "; ".join(
        ([f"tried {len(tries)} times"] if len(tries) > 1 else []) + ([why] if why else [])
    )
    message = f"{name}: {one_line(last.detail)}{f' ({notes})' if notes else ''}"
    return CallFailed(
        kind=FailureKind(kind or last.kind),
        message=f"{message}; {last.remedy}" if last.remedy else message,
        attempts=tuple(tries),
        maybe_billed=any(f.maybe_billed for f in failures),
    )


def _out_of_time(name: str, failures: list[Failure], tries: list[Attempt]) -> CallFailed:
    if not failures:
        return CallFailed(
            kind=FailureKind.BUDGET_EXCEEDED, message=f"{name}: no time is left for a call"
        )
    telling = {FailureKind.RATE_LIMITED, FailureKind.TIMEOUT}
    kind = failures[-1].kind if failures[-1].kind in telling else FailureKind.BUDGET_EXCEEDED
    return _failed(name, failures, tries, "no time is left for another attempt", kind)
