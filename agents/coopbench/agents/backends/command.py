"""A program as the model: a request on its standard input, the answer on its standard output.

Options of a table with `type = "command"`:

- `command`: the program and its arguments, a list, or a string that is split as a shell would
  (no shell is started).
- `format`: `text` (default: one prompt in, the answer out as it is) or `json` (see `render` and
  `reply`).
- `timeout_s`: most seconds for one answer.
- `model`: name of the model behind it, for the price list.
- `pass_env`: names of further environment variables that it gets; `env`: further variables with
  their values (no secrets: those belong in the environment).
- `folder`: where it runs; default: the current folder.
"""

import os
import shlex
import shutil
import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from coopbench.agents.backends.key import request_key
from coopbench.agents.backends.model import (
    Answer,
    Attempt,
    CallFailed,
    Capabilities,
    FailureKind,
    Provenance,
    Request,
)
from coopbench.agents.backends.process import Child, Finished, run_child
from coopbench.agents.backends.provider import Table, read_options
from coopbench.agents.backends.render import as_json, as_text
from coopbench.agents.backends.reply import MAX_BYTES, Reply, parse_object, parse_reply
from coopbench.harness.base import Frozen
from coopbench.harness.errors import UsageError

SHORT = "command"

_PASSED_ON = frozenset(
    {
        *("HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER"),
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"),
        *("http_proxy", "https_proxy", "no_proxy", "all_proxy"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"),
    }
)
_PASSED_ON_PREFIXES = ("LC_", "XDG_")
_LINE = 300

Word = Annotated[str, Field(pattern=r"^[^\x00]*$")]
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Options(Frozen):
    """A `command` table."""

    type: Literal["command"]
    command: Word | list[Word]
    format: Literal["text", "json"] = "text"
    timeout_s: float = Field(default=600.0, gt=0, le=7 * 86_400)
    model: str = Field(default="", max_length=200)
    env: dict[VariableName, Word] = Field(default_factory=dict)
    pass_env: tuple[VariableName, ...] = ()
    folder: Word | None = None

    @field_validator("command", mode="before")
    @classmethod
    def _is_a_command(cls, value: object) -> object:
        words = value if isinstance(value, list) else [value]
        if not all(isinstance(word, str) for word in words):
            raise ValueError("give a string, or a list of strings")
        return value


class CommandBackend:
    """Runs a program for every request.

    Args:
        name: As configured.
        options: How it is run.

    Raises:
        UsageError: if the command is no command.
    """

    def __init__(self, name: str, options: Options) -> None:
        self.name = name
        self.model = options.model
        self.capabilities = Capabilities(patience_s=options.timeout_s)
        self._options = options
        self._argv = split_command(name, options.command)

    def complete(self, request: Request, deadline: float) -> Answer | CallFailed:
        """Run the program once."""
        start = time.monotonic()
        until = min(deadline, start + self._options.timeout_s)
        child = Child(self._argv, self._stdin(request), self._environment(), self._options.folder)
        try:
            done = run_child(child, until, MAX_BYTES)
        except (OSError, ValueError) as e:
            reason = e.strerror if isinstance(e, OSError) and e.strerror else str(e)
            return CallFailed(
                kind=FailureKind.UNAVAILABLE,
                message=f"backend {self.name!r}: cannot start {self._program}: {reason}; "
                "install it, or correct `command`",
            )
        reply = self._judge(done)
        if isinstance(reply, Reply):
            where = Provenance(kind="command", detail=self._program)
            return reply.answer(where, self.model).model_copy(
                update={"attempts": (Attempt(seconds=done.seconds),)}
            )
        return reply

    def observe(self, scope: str, key: str, value: float | None) -> float | None:  # noqa: ARG002
        """Return the value."""
        return value

    def close(self) -> None:
        """Do nothing: no process outlives its request."""

    @property
    def _program(self) -> str:
        return Path(self._argv[0]).name

    def _stdin(self, request: Request) -> bytes:
        if self._options.format == "json":
            return as_json(request, request_key(request, self.model)).encode("ascii")
        return as_text(request).encode("utf-8", "replace")

    def _environment(self) -> dict[str, str]:
        names = _PASSED_ON | set(self._options.pass_env)
        passed = {
            k: v for k, v in os.environ.items() if k in names or k.startswith(_PASSED_ON_PREFIXES)
        }
        return passed | self._options.env

    def _judge(self, done: Finished) -> Reply | CallFailed:
        if done.why == "overdue":
            what = f"no answer within {done.seconds:.3g} s; killed (see `timeout_s`)"
            return self._failed(done, FailureKind.TIMEOUT, what)
        if done.why == "flood":
            what = f"more than {MAX_BYTES} bytes of output; killed"
            return self._failed(done, FailureKind.MALFORMED_RESPONSE, what)
        if done.status != 0:
            how = f"signal {-done.status}" if done.status < 0 else f"exit status {done.status}"
            tail = " ".join(done.stderr.split())[-_LINE:]
            what = f"{how}: {tail or 'nothing on standard error'}"
            return self._failed(done, FailureKind.UNAVAILABLE, what)
        reply = self._read(done.stdout)
        if isinstance(reply, str):
            return self._failed(done, FailureKind.MALFORMED_RESPONSE, reply)
        return reply

    def _read(self, stdout: bytes) -> Reply | str:
        if self._options.format == "json":
            fields = parse_object(stdout)
            return fields if isinstance(fields, str) else parse_reply(fields)
        try:
            text = stdout.decode("utf-8")
        except UnicodeDecodeError as e:
            return f"the output is not UTF-8 at byte {e.start}"
        return Reply(text=text) if text.strip() else "exit status 0, but nothing was printed"

    def _failed(self, done: Finished, kind: FailureKind, what: str) -> CallFailed:
        what = what[: 2 * _LINE]
        return CallFailed(
            kind=kind,
            message=f"backend {self.name!r}: {self._program}: {what}",
            attempts=(Attempt(seconds=done.seconds, failure=kind, detail=what),),
            # a program that was cut off, or answered nonsense, may have used a paid model
            maybe_billed=kind is not FailureKind.UNAVAILABLE,
        )


def make(name: str, table: Table) -> CommandBackend:
    """Return the backend of a table (see `provider.Provider`)."""
    return CommandBackend(name, read_options(Options, name, table))


def check(name: str, table: Table) -> str | None:
    """Return why the program cannot be run, None if it can (see `provider.Provider`)."""
    try:
        options = read_options(Options, name, table)
        argv = split_command(name, options.command)
    except UsageError as e:
        return str(e)
    if options.folder is not None and not Path(options.folder).is_dir():
        return f"backend {name!r}: folder {options.folder!r} does not exist; make it"
    path = options.env.get("PATH", os.environ.get("PATH"))
    # A relative program is looked for where it will be started.
    program = str(Path(options.folder or ".").absolute() / argv[0]) if "/" in argv[0] else argv[0]
    if shutil.which(program, path=path) is None:
        return f"backend {name!r}: no program {argv[0]!r}; install it, or correct `command`"
    return None


def split_command(name: str, command: str | list[str]) -> tuple[str, ...]:
    """Return a command's words.

    Raises:
        UsageError: if there are none, or quotes do not match.
    """
    try:
        words = shlex.split(command) if isinstance(command, str) else command
    except ValueError as e:
        raise UsageError(f"backend {name!r}: command {command!r}: {e}") from None
    if not words or not words[0]:
        raise UsageError(f"backend {name!r}: `command` is empty; give a program")
    return tuple(words)
