"""The file of a tape: one JSON object a line, only ever appended to.

Several threads and processes may append to one tape. A line that was cut off by a kill is left
out when the tape is read, and cut off before the next line is written; any other damage is an
error, because a tape with a hole would replay another search.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from coopbench.agents.backends.tape_entries import (
    FORMAT,
    LINES,
    AnyHeader,
    Entry,
    Header,
    encode,
    new_header,
)
from coopbench.harness.base import Frozen
from coopbench.harness.errors import InfraError, UsageError

_PLACE_ERRORS = PermissionError | IsADirectoryError | NotADirectoryError | FileExistsError


class Recording(Frozen):
    """All that a tape holds."""

    header: Header | None
    """None if there is nothing yet."""
    entries: tuple[Entry, ...] = ()


def read_tape(path: Path) -> Recording:
    """Read a tape; one that does not exist is empty.

    Raises:
        UsageError: if it is damaged or no tape.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Recording(header=None)
    except OSError as e:
        raise _trouble(path, e) from e
    header: Header | None = None
    entries: list[Entry] = []
    for number, line in _lines(path, data):
        if isinstance(line, Header) != (number == 1):
            raise UsageError(
                f"{path} is no tape: line {number} should {'' if number == 1 else 'not '}be a "
                "header; give a file that `--tape-mode record` made"
            )
        if isinstance(line, Header):
            header = line
        else:
            entries.append(line)
    return Recording(header=header, entries=tuple(entries))


def read_header(path: Path) -> Header | None:
    """Return the first line of a tape, None if the file is empty or does not exist.

    Raises:
        UsageError: if it is no tape.
    """
    try:
        with path.open("rb") as file:
            data = file.readline()
    except FileNotFoundError:
        return None
    except OSError as e:
        raise _trouble(path, e) from e
    for _, line in _lines(path, data):
        if isinstance(line, Header):
            return line
        raise UsageError(f"{path} is no tape: it does not begin with a header")
    return None


class TapeWriter:
    """Appends to a tape; safe for several threads and processes.

    Args:
        path: The file; made with its folders when the first line is written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, *entries: Entry) -> None:
        """Append entries; they are on the disk when this returns.

        Raises:
            InfraError: if the disk is full or fails.
            UsageError: if the file may not be written.
        """
        lines = b"".join(encode(entry) for entry in entries)
        try:
            with self._locked() as fd:
                if _mend_tail(fd) == 0:
                    lines = encode(new_header()) + lines
                view = memoryview(lines)
                while view:
                    view = view[os.write(fd, view) :]
                os.fdatasync(fd)
        except OSError as e:
            raise _trouble(self._path, e) from e

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        # Opened anew each time: flock(2) locks belong to the open file, so that threads exclude
        # each other as processes do.
        self._path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        fd = os.open(self._path, flags, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield fd
        finally:
            os.close(fd)


def _lines(path: Path, data: bytes) -> Iterator[tuple[int, Header | Entry]]:
    rows = data.split(b"\n")
    for number, row in enumerate(rows, 1):
        if not row.strip():
            continue
        if number == 1:
            _check_format(path, row)
        try:
            yield number, LINES.validate_json(row)
        except ValidationError as e:
            if number == len(rows) and number > 1:
                return  # cut off by a kill while it was written
            raise _damaged(path, number, e) from None


def _check_format(path: Path, row: bytes) -> None:
    with contextlib.suppress(ValidationError):
        newer = AnyHeader.model_validate_json(row).format
        if newer > FORMAT:
            raise UsageError(
                f"tape {path} has format {newer}, this program knows up to {FORMAT}: update it"
            )


def _damaged(path: Path, number: int, error: ValidationError) -> UsageError:
    if number == 1:
        return UsageError(
            f"{path} is no tape: line 1 is no header; give a file that `--tape-mode record` made"
        )
    first = error.errors()[0]
    place = ".".join(str(p) for p in first["loc"])
    what = f"{place}: {first['msg']}" if place else first["msg"]
    return UsageError(
        f"tape {path}: line {number} is damaged ({what}); restore the file from a copy, or record "
        "it again under another name"
    )


def _mend_tail(fd: int) -> int:
    """Make the file end with a whole line; return its size then."""
    size = os.fstat(fd).st_size
    if size == 0 or os.pread(fd, 1, size - 1) == b"\n":
        return size
    start = _last_line_start(fd, size)
    try:
        LINES.validate_json(os.pread(fd, size - start, start))
    except ValidationError:
        os.ftruncate(fd, start)
        return start
    os.write(fd, b"\n")
    return size + 1


def _last_line_start(fd: int, size: int) -> int:
    end = size
    while end > 0:
        begin = max(0, end - (1 << 16))
        found = os.pread(fd, end - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def _trouble(path: Path, error: OSError) -> UsageError | InfraError:
    reason = error.strerror or str(error)
    if isinstance(error, _PLACE_ERRORS):
        return UsageError(f"tape {path}: {reason}; name a file that may be read and written")
    return InfraError(f"tape {path}: {reason}")
