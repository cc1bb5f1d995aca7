"""Answers written beforehand: for tests and examples.

Options of a table with `type = "scripted"`:

- `file`: a TOML file with a table `[[answers]]` for each answer, or a JSON file with the same
  (an object with `answers`, or the list alone). Keys of an answer: `text`, and if wanted `role`,
  `match` (a regular expression that the last message must contain) and `stop`.
- `model`: name of the model it stands for, for the price list.

A request takes the first answer that fits it and was not taken before.
"""

import json
import re
import threading
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from coopbench.agents.backends.model import (
    Answer,
    CallFailed,
    Capabilities,
    FailureKind,
    Provenance,
    Request,
    StopReason,
)
from coopbench.agents.backends.provider import Table, read_options
from coopbench.agents.backends.volatile import plain
from coopbench.harness.base import Frozen
from coopbench.harness.benchmark import parse_model
from coopbench.harness.errors import UsageError

SHORT = "file"

Scripted = str | Answer | CallFailed
Script = Callable[[Request], Scripted]


class Options(Frozen):
    """A `scripted` table."""

    type: Literal["scripted"]
    file: str = Field(min_length=1, pattern=r"^[^\x00]*$")
    model: str = Field(default="", max_length=200)


class Line(Frozen):
    """One answer of a script."""

    text: str
    role: str | None = None
    """Only for requests of this role."""
    match: str | None = None
    """Only if the last message contains this regular expression."""
    stop: StopReason = "end"

    @field_validator("match")
    @classmethod
    def _is_a_pattern(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as e:
            raise ValueError(f"no regular expression: {e}") from None
        return pattern

    def fits(self, request: Request) -> bool:
        """Whether it may answer a request."""
        if self.role not in (None, request.role):
            return False
        return self.match is None or (
            re.search(self.match, plain(request.messages[-1].text), re.MULTILINE) is not None
        )


class ScriptFile(Frozen):
    """A file of answers."""

    answers: tuple[Line, ...]


class ScriptedBackend:
    """Answers from a script; safe for several threads.

    Args:
        name: As configured.
        script: What to answer: a function of the request, or a sequence that is used up in its
            order and fails with `unavailable` then.
        model: Name of the model it stands for.
    """

    def __init__(self, name: str, script: Script | Sequence[Scripted], model: str = "") -> None:
        self.name = name
        self.model = model
        self.capabilities = Capabilities(offline=True, deterministic=True)
        self.requests: list[Request] = []
        """What was asked, in order."""
        self._next = script if callable(script) else _in_order(name, script)
        self._lock = threading.Lock()

    def complete(self, request: Request, deadline: float) -> Answer | CallFailed:  # noqa: ARG002
        """Return the next answer of the script."""
        with self._lock:
            self.requests.append(request)
            found = self._next(request)
        if not isinstance(found, str):
            return found
        where = Provenance(kind="script", detail=self.name)
        return Answer(text=found, stop="end", usage=None, model=self.model, provenance=where)

    def observe(self, scope: str, key: str, value: float | None) -> float | None:  # noqa: ARG002
        """Return the value."""
        return value

    def close(self) -> None:
        """Do nothing."""


def make(name: str, table: Table) -> ScriptedBackend:
    """Return the backend of a table (see `provider.Provider`)."""
    options = read_options(Options, name, table)
    path = Path(options.file)
    return ScriptedBackend(name, _fitting(name, path, options.model), options.model)


def check(name: str, table: Table) -> str | None:
    """Return why the script cannot be used, None if it can (see `provider.Provider`)."""
    try:
        read_script(Path(read_options(Options, name, table).file))
    except UsageError as e:
        return str(e)
    return None


def read_script(path: Path) -> tuple[Line, ...]:
    """Read a file of answers.

    Raises:
        UsageError: if it does not exist or holds something else.
    """
    try:
        text = path.read_text("utf-8")
        raw: Any = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as e:
        raise UsageError(f"script {path}: {e.strerror}; correct the path") from None
    except (ValueError, RecursionError) as e:
        kind = "JSON" if path.suffix == ".json" else "TOML"
        raise UsageError(f"script {path}: not valid {kind}: {e}") from None
    if isinstance(raw, list):
        raw = {"answers": raw}
    return parse_model(ScriptFile, raw, f"script {path}").answers


def _in_order(name: str, answers: Sequence[Scripted]) -> Script:
    left = iter(tuple(answers))

    def script(request: Request) -> Scripted:
        found = next(left, None)
        return _exhausted(name, request, len(answers), len(answers)) if found is None else found

    return script


def _fitting(name: str, path: Path, model: str) -> Script:
    lines = read_script(path)
    left = list(lines)
    where = Provenance(kind="script", detail=path.name)

    def script(request: Request) -> Scripted:
        for line in left:
            if line.fits(request):
                left.remove(line)
                return Answer(
                    text=line.text, stop=line.stop, usage=None, model=model, provenance=where
                )
        return _exhausted(name, request, len(lines) - len(left), len(lines))

    return script


def _exhausted(name: str, request: Request, used: int, count: int) -> CallFailed:
    return CallFailed(
        kind=FailureKind.UNAVAILABLE,
        message=f"backend {name!r}: no answer of the script fits role {request.role!r}, step "
        f"{request.step!r}; {used} of {count} are used: add one",
    )
