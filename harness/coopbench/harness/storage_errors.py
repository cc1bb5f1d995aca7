"""Turns what SQLite and the file system report into one message with a remedy."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coopbench.harness.errors import CoopBenchError, InfraError, UsageError

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_WRITE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_DAMAGE = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})
_DAMAGE_SIGNS = ("no such table", "no such column", "Could not decode")
_READONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_RESTORE = "restore it from a copy, or give another store directory"


@contextmanager
def storage_errors(place: Path) -> Iterator[None]:
    """Translate the errors of the enclosed storage operation.

    Args:
        place: The file or directory the message is to name.

    Raises:
        UsageError: if the place is damaged or may not be written.
        InfraError: if the disk is full, busy or failing.
    """
    try:
        yield
    except sqlite3.Error as e:
        translated = _explain_sqlite(place, e)
        if translated is None:
            raise
        raise translated from e
    except OSError as e:
        raise _explain_os(place, e) from e


def damaged(place: Path, what: str) -> UsageError:
    """Return the error for stored data that cannot be what was written."""
    return UsageError(f"{place} is damaged: {what}; {_RESTORE}")


def _explain_sqlite(place: Path, error: sqlite3.Error) -> CoopBenchError | None:
    """Return the error for the user, None if the fault is ours."""
    # The low byte of an extended result code is its primary code (sqlite.org/rescode.html);
    # errors raised by Python's module itself have none.
    code: int | None = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else None
    if primary in _DAMAGE or any(sign in str(error) for sign in _DAMAGE_SIGNS):
        return damaged(place, str(error))
    if primary in _READONLY:
        return _not_writable(place)
    match primary:
        case sqlite3.SQLITE_FULL:
            return _full(place)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return InfraError(f"{place} is held by another process for too long; try again later")
        case sqlite3.SQLITE_IOERR:
            return InfraError(
                f"{place}: input or output failed ({error}); check the disk's health, its free "
                "space and the file-size limit (ulimit -f); nothing already stored is lost"
            )
    return None


def _explain_os(place: Path, error: OSError) -> CoopBenchError:
    if error.errno in _NO_SPACE:
        return _full(place)
    if error.errno in _NO_WRITE:
        return _not_writable(place)
    return InfraError(f"{place}: {error.strerror or error}")


def _full(place: Path) -> InfraError:
    return InfraError(
        f"{place} cannot be written: no space left on its disk; free some and resume "
        "(nothing already stored is lost)"
    )


def _not_writable(place: Path) -> UsageError:
    return UsageError(
        f"{place} may not be written; make it and its directory writable, or give another "
        "store directory"
    )
