"""What a user chose for entrants that use models; part of the plan, free of secrets.

The harness only carries these values: what a backend table may say is for the backend to check.
"""

from typing import Literal

from pydantic import Field, JsonValue

from coopbench.harness.base import Frozen

TapeMode = Literal["replay", "record", "record-missing", "live"]


class TapeSettings(Frozen):
    """Where model answers are kept, and whether they are replayed or made."""

    path: str
    mode: TapeMode = "replay"


class Settings(Frozen):
    """How entrants reach a model."""

    backend: str | None = None
    """The model that every role uses: a name in `backends`, or a type of backend."""
    roles: dict[str, str] = Field(default_factory=dict)
    """Other backends for some roles (`guide`, `c`, `ir`, `asm`, `tests`), by role."""
    backends: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    """Configured backends by name; each table has a `type` and what that type needs."""
    tape: TapeSettings | None = None
    prices: str | None = None
    """A price file of the user's own; default: the one that comes with the package."""
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    """How hard models that can be told shall think."""
    max_tokens: int = Field(default=8000, ge=256, le=200_000)
    """Most tokens of one answer, thinking included."""

    def backend_of(self, role: str) -> str | None:
        """Return the name of the backend that a role uses, None if none is configured."""
        return self.roles.get(role, self.backend)
