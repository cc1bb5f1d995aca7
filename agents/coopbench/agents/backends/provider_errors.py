"""Errors as servers of the Messages API report them, turned into our few kinds.

Works on status code, headers and decoded body; no provider's kit is needed. Local servers use
error types and even status codes of their own, so the type counts before the status.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from coopbench.agents.backends.model import FailureKind
from coopbench.agents.backends.retry import Failure, asked_wait, one_line

_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_CONTEXT_TYPES = {"exceed_context_size_error", "context_exceeded"}
_PASSING = {408, 409}
_MAYBE_BILLED = {504, 524}
"""A gateway gave up waiting; the model behind it may have answered."""


@dataclass(frozen=True)
class Endpoint:
    """Whom a backend talks to, for messages.

    Attributes:
        model: As configured.
        host: Name, and port if it is not the usual one.
        key_variable: Environment variable that holds the key; empty if none is used.
    """

    model: str
    host: str
    key_variable: str = ""


@dataclass(frozen=True)
class ServerError:
    """What a server said when it did not answer.

    Attributes:
        status: Of the HTTP response; 200 if the error came inside one.
        body: Decoded JSON, or text.
        headers: Of the response.
        now: Unix time, for headers that name a date.
    """

    status: int
    body: object
    headers: Mapping[str, str]
    now: float

    @property
    def _error(self) -> Mapping[str, object]:
        inner = self.body.get("error") if isinstance(self.body, dict) else None
        return inner if isinstance(inner, dict) else {}

    @property
    def type(self) -> str:
        """The error's type, empty if there is none."""
        return str(self._error.get("type") or "")

    @property
    def code(self) -> str:
        """The stable code of its cause, empty if there is none."""
        details = self._error.get("details")
        return str(details.get("error_code") or "") if isinstance(details, dict) else ""

    @property
    def message(self) -> str:
        """What it says, in a line."""
        told = self._error.get("message")
        if isinstance(told, str):
            return one_line(told)
        body = self.body if isinstance(self.body, str) else json.dumps(self.body, default=str)
        return one_line(body) if self.body else "no message"

    @property
    def meaning(self) -> int:
        """The status that its type stands for if it came inside a 200, else its status."""
        return self.status if self.status >= 300 else _STATUS.get(self.type, 500)


def failure_of(error: ServerError, endpoint: Endpoint) -> Failure:
    """Return what a server's error means for the call."""
    kind = f" {error.type}" if error.type else ""
    trace = error.headers.get("request-id")
    detail = f"status {error.status}{kind}: {error.message}{f' ({trace})' if trace else ''}"
    failure = replace(_meaning(error, endpoint), detail=detail)
    told = error.headers.get("x-should-retry")
    if failure.kind is FailureKind.INVALID_REQUEST or told not in {"true", "false"}:
        return failure
    return replace(failure, again="yes" if told == "true" else "never")


def _meaning(error: ServerError, endpoint: Endpoint) -> Failure:
    status = error.meaning
    if error.type in _CONTEXT_TYPES or "prompt is too long" in error.message:
        return _refused(
            f"the prompt does not fit the context window of {endpoint.model}: start the server "
            "with a larger one, or choose a model that has one"
        )
    if error.code == "enforced_spend_limit_reached" or status == 402:
        return _refused("raise the spending limit with the provider, or choose another backend")
    after = asked_wait(error.headers, error.now)
    if status == 429:
        remedy = "ask for less at a time, or wait"
        return Failure(FailureKind.RATE_LIMITED, "", remedy, "yes", after)
    if status in _PASSING or (status >= 500 and status != 501):
        billed = status in _MAYBE_BILLED
        remedy = f"is {endpoint.host} in good health?"
        return Failure(FailureKind.UNAVAILABLE, "", remedy, "yes", after, maybe_billed=billed)
    if status in {401, 403} and not endpoint.key_variable:
        return _refused(_NO_KEY)
    return _refused(_REMEDIES.get(status, _OTHERWISE).format(e=endpoint))


def _refused(remedy: str) -> Failure:
    return Failure(FailureKind.INVALID_REQUEST, "", remedy)


_REMEDIES = {
    401: "check the key in the environment variable {e.key_variable}",
    403: "the key in {e.key_variable} may not use model {e.model}",
    404: "does {e.host} speak the Messages API, and have a model {e.model}?",
    413: "the prompt is too large for {e.host}",
}
_NO_KEY = "it wants a key: name the environment variable that holds it in `api_key_env`"
_OTHERWISE = "{e.host} does not accept this request for model {e.model}"
