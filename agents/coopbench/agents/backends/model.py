"""The one interface to models: a request in, an answer or a named failure out.

Whatever a provider does (errors, delays, nonsense) becomes one of these types; nothing here
depends on any provider.
"""

from enum import StrEnum
from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, Field

from coopbench.harness.base import Frozen
from coopbench.harness.ledger import Count


class Message(Frozen):
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str
    """May hold marked volatile parts (see `volatile`); a backend sends `plain(text)`."""


class Request(Frozen):
    """What a model is asked; conversations are append-only."""

    scope: str
    """The trial it belongs to: `entrant/benchmark/target/repetition`. Part of a tape's key."""
    role: str
    """Who asks: `guide`, `c`, `ir`, `asm`, `tests`."""
    step: str
    """Which step of the search, for people, e.g. `rewrite 3, attempt 2`. Not part of a key."""
    template: str = ""
    """Name of the prompt template of the last message."""
    template_sha256: str = ""
    system: str
    """The stable prefix: the same for all requests of a role within a trial."""
    messages: tuple[Message, ...] = Field(min_length=1)
    """Begins and ends with a user's turn."""
    max_tokens: int = Field(gt=0)
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None


class Usage(Frozen):
    """Tokens of one call."""

    input_tokens: Count = 0
    """Without the cached ones."""
    cache_read_tokens: Count = 0
    cache_write_tokens: Count = 0
    """Written to a cache that lives for five minutes."""
    cache_write_1h_tokens: Count = 0
    output_tokens: Count = 0
    """Thinking included."""
    estimated: bool = False
    """True if the backend did not tell and the texts' lengths were used."""

    @property
    def total(self) -> int:
        """All tokens, in and out."""
        inward = self.input_tokens + self.cache_read_tokens
        return inward + self.cache_write_tokens + self.cache_write_1h_tokens + self.output_tokens


class FailureKind(StrEnum):
    """Why a call brought no answer; closed list."""

    UNAVAILABLE = "unavailable"
    """No connection, a server's error, a program that failed or is missing."""
    RATE_LIMITED = "rate_limited"
    TIMEOUT = "timeout"
    INVALID_REQUEST = "invalid_request"
    """Refused for good: credentials, unknown model, spending limit, too large."""
    MALFORMED_RESPONSE = "malformed_response"
    """An answer that is none: broken JSON, cut off, fields missing, unknown stop reason."""
    BUDGET_EXCEEDED = "budget_exceeded"
    """The time or money left does not allow the call (or another attempt)."""


class Attempt(Frozen):
    """One try at a provider; every one is in the trajectory."""

    seconds: float
    failure: FailureKind | None = None
    detail: str = ""
    """One line: status code and message."""
    waited_s: float = 0.0
    """How long was waited before it."""
    maybe_billed: bool = False
    """True if it failed and the provider may have charged for it all the same."""


class Provenance(Frozen):
    """Where an answer came from; printed in every report."""

    kind: Literal["api", "server", "command", "person", "script"]
    """Hosted API, another server that speaks it, a program, the file box, a script."""
    detail: str
    """E.g. `claude-… at api.anthropic.com`, or the program's name; never a secret or a path."""
    recorded_at: str | None = None
    """Date of the recording (ISO 8601) if it was replayed from a tape, else None."""

    @property
    def text(self) -> str:
        """One line for people."""
        taped = f", replayed from a tape of {self.recorded_at}" if self.recorded_at else ""
        return f"{self.kind}: {self.detail}{taped}"


StopReason = Literal["end", "length", "refusal", "context"]
"""Finished; cut off at `max_tokens`; declined; the context window is full."""


def _storable(text: str) -> str:
    """Replace lone surrogates, which no file can hold."""
    return text.encode("utf-8", "replace").decode()


Foreign = Annotated[str, AfterValidator(_storable)]
"""Text from outside."""


class Answer(Frozen):
    """What the model said."""

    text: Foreign
    stop: StopReason
    usage: Usage | None
    """None if the backend does not tell."""
    model: Foreign
    """Model that answered, as the backend names it; empty if it does not."""
    provenance: Provenance
    attempts: tuple[Attempt, ...] = ()
    """All tries, the successful one last; empty means one try."""
    detail: Foreign = ""
    """What else the backend said, e.g. the category of a refusal."""


class CallFailed(Frozen):
    """A call that brought no answer."""

    kind: FailureKind
    message: Foreign
    """One line that names the backend and the remedy."""
    attempts: tuple[Attempt, ...] = ()
    maybe_billed: bool = False
    """True if the provider may have charged for it (time-out, cut stream)."""


class Capabilities(Frozen):
    """What a backend can do; nothing else of it is ever assumed."""

    usage: bool = False
    """Tells how many tokens a call took."""
    effort: bool = False
    """Obeys `Request.effort`."""
    caching: bool = False
    """Keeps stable prefixes, and bills them apart."""
    offline: bool = False
    """Needs no network."""
    deterministic: bool = False
    """Gives the same answer to the same request."""
    patience_s: float | None = None
    """Seconds that one call may take, where it is not the usual few minutes: people are slower."""


class Backend(Protocol):
    """A way to reach a model; safe for several threads."""

    @property
    def name(self) -> str:
        """Name of the backend as configured."""

    @property
    def model(self) -> str:
        """Model it asks for, for the price list; empty if it has none to name."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    def complete(self, request: Request, deadline: float) -> Answer | CallFailed:
        """Answer a request.

        Args:
            request: What to ask.
            deadline: `time.monotonic()` value by which to give up, all attempts included.
        """

    def observe(self, scope: str, key: str, value: float | None) -> float | None:
        """Return the value that steers a search: a replayed one if there is one, else `value`.

        Measured costs differ from machine to machine; a tape keeps those it was recorded with,
        so that a replayed search takes the same path. All other backends return `value`.
        """

    def close(self) -> None:
        """Release what it holds; the last call."""
