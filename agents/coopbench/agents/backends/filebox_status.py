"""What waits in a file box: `coopbench filebox status`."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from coopbench.agents.backends.filebox_files import Noted, Slot, read_response, slots
from coopbench.agents.backends.reply import Reply
from coopbench.harness.base import Frozen
from coopbench.harness.errors import UsageError


class FileboxRow(Frozen):
    """A request in a file box."""

    request: str
    """Name of its files, without their endings."""
    state: Literal["waiting", "answered", "damaged"]
    scope: str
    role: str
    step: str
    key: str
    """What an answer must quote."""
    age_s: float
    """Seconds since it was asked."""
    file: str
    """What to read."""
    refused: tuple[str, ...] = ()
    """Why answers to it were refused, or would be."""


def filebox_status(folder: Path) -> Sequence[FileboxRow]:
    """Return all requests of a file box, in the order in which they were asked.

    Raises:
        UsageError: if there is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f"there is no file box {folder}; it is made when a request is asked")
    return [_row(slot, noted) for slot, noted in slots(folder)]


def _row(slot: Slot, noted: Noted | None) -> FileboxRow:
    request = slot.file("request.json")
    refused = [_first_line(path) for path in slot.refusals]
    answered = False
    for path in slot.responses if noted else ():
        found = _response(path, slot.key)
        answered |= isinstance(found, Reply)
        if isinstance(found, str):
            refused.append(f"{path.name} will be refused: {found}")
    return FileboxRow(
        request=slot.stem,
        state="damaged" if noted is None else "answered" if answered else "waiting",
        scope=noted.scope if noted else "",
        role=noted.role if noted else "",
        step=noted.step if noted else "",
        key=slot.key,
        age_s=round(max(0.0, time.time() - request.stat().st_mtime), 1),
        file=str(slot.file("request.md")),
        refused=tuple(refused),
    )


def _response(path: Path, key: str) -> Reply | str | None:
    try:
        return read_response(path, key) if path.stat().st_size else None
    except FileNotFoundError:
        return None
    except OSError as e:
        return f"it cannot be read: {e.strerror}"


def _first_line(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").partition("\n")[0]
    except OSError as e:
        return f"{path.name} cannot be read: {e.strerror}"
