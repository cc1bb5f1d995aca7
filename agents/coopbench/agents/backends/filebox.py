"""A person, or a program of its own, as the model: requests and answers are files in a folder.

Options of a table with `type = "filebox"`:

- `folder`: default `coopbench-filebox`.
- `wait_s`: most seconds that one answer may take; default a day.
- `poll_s`: how often to look.
- `model`: name of who answers, for the price list and the key.
"""

import contextlib
import hashlib
import os
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Literal

from pydantic import Field

from coopbench.agents.backends.filebox_files import (
    KEY_DIGITS,
    Slot,
    put,
    read_response,
    refuse,
)
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
from coopbench.agents.backends.provider import Table, read_options
from coopbench.agents.backends.reply import Reply
from coopbench.harness.base import Frozen
from coopbench.harness.errors import CoopBenchError, UsageError

SHORT = "folder"
DEFAULT_FOLDER = "coopbench-filebox"

_SETTLED_S = 1.0
"""An answer is read when it has not changed for so long: editors write in pieces."""


class Options(Frozen):
    """A `filebox` table."""

    type: Literal["filebox"]
    folder: str = Field(default=DEFAULT_FOLDER, min_length=1, pattern=r"^[^\x00]*$")
    wait_s: float = Field(default=86_400.0, gt=0, le=30 * 86_400)
    poll_s: float = Field(default=0.5, ge=0.01, le=60)
    model: str = Field(default="", max_length=200)


class FileboxBackend:
    """Puts every request into a folder and waits for its answer.

    A request that is in the folder already (after a kill, say) is not put there again, and an
    answer that lies there already is taken.

    Args:
        name: As configured.
        options: Folder and patience.
    """

    def __init__(self, name: str, options: Options) -> None:
        self.name = name
        self.model = options.model
        self.capabilities = Capabilities(offline=True, patience_s=options.wait_s)
        self._options = options
        self._folder = Path(options.folder)
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def complete(self, request: Request, deadline: float) -> Answer | CallFailed:
        """Wait for the answer to a request."""
        start = time.monotonic()
        until = min(deadline, start + self._options.wait_s)
        try:
            slot = put(self._folder, request, self._key(request))
            reply = self._await(slot, until)
        except (OSError, CoopBenchError) as e:
            reason = e.strerror if isinstance(e, OSError) and e.strerror else str(e)
            return CallFailed(
                kind=FailureKind.UNAVAILABLE,
                message=f"backend {self.name!r}: the file box cannot be used: {reason}; correct "
                "`folder`, or make room there",
            )
        seconds = time.monotonic() - start
        if reply is None:
            what = f"no answer to {slot.stem} within {seconds:.3g} s"
            return CallFailed(
                kind=FailureKind.TIMEOUT,
                message=f"backend {self.name!r}: {what}; it still waits in the file box: answer "
                "it and start again, and see `wait_s`",
                attempts=(Attempt(seconds=seconds, failure=FailureKind.TIMEOUT, detail=what),),
            )
        answer = reply.answer(Provenance(kind="person", detail="file box"), self.model)
        return answer.model_copy(update={"attempts": (Attempt(seconds=seconds),)})

    def observe(self, scope: str, key: str, value: float | None) -> float | None:  # noqa: ARG002
        """Return the value."""
        return value

    def close(self) -> None:
        """Do nothing: the folder stays."""

    def _key(self, request: Request) -> str:
        """Return what names a request in the box; asked again, it has another name."""
        key = request_key(request, self.model)
        with self._lock:
            n = self._asked[key]
            self._asked[key] += 1
        if n:
            key = hashlib.sha256(f"{key} {n}".encode()).hexdigest()
        return key[:KEY_DIGITS]

    def _await(self, slot: Slot, until: float) -> Reply | None:
        seen: dict[Path, tuple[tuple[int, int], float]] = {}
        while True:
            for path in slot.responses:
                if not _settled(path, seen):
                    continue
                # Who answers may take it away again while we look.
                with contextlib.suppress(FileNotFoundError):
                    found = read_response(path, slot.key)
                    if isinstance(found, Reply):
                        return found
                    refuse(slot, path, found)
            left = until - time.monotonic()
            if left <= 0:
                return None
            time.sleep(min(self._options.poll_s, left))


def make(name: str, table: Table) -> FileboxBackend:
    """Return the backend of a table (see `provider.Provider`)."""
    return FileboxBackend(name, read_options(Options, name, table))


def check(name: str, table: Table) -> str | None:
    """Return why the folder cannot be used, None if it can (see `provider.Provider`)."""
    try:
        folder = Path(read_options(Options, name, table).folder)
    except UsageError as e:
        return str(e)
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return f"backend {name!r}: folder {str(folder)!r} cannot be written; correct `folder`"
    return None


def _settled(path: Path, seen: dict[Path, tuple[tuple[int, int], float]]) -> bool:
    """Whether a file is there, holds something, and has not changed for a while."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return False
    if state.st_size == 0:
        return False
    now, look = time.monotonic(), (state.st_size, state.st_mtime_ns)
    if path not in seen or seen[path][0] != look:
        seen[path] = (look, now)
    # The clock of the file's disk may be another; then only our own looks tell.
    return time.time() - state.st_mtime >= _SETTLED_S or now - seen[path][1] >= _SETTLED_S
