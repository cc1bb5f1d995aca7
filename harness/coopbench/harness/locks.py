"""Exclusive locks that the kernel releases when their holder dies.

Both are `flock(2)` locks on small files that are never deleted (deleting a lock file lets two
processes hold "the" lock on two inodes). The descriptor is closed on exec, so no subject
inherits a lock.
"""

import contextlib
import fcntl
import json
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from coopbench.harness.errors import UsageError
from coopbench.harness.storage_errors import storage_errors

_MEASURING = "coopbench-measuring.lock"
_COMMAND_LENGTH = 200


@dataclass(frozen=True)
class Holder:
    """Who holds a lock."""

    pid: int
    command: str
    since: float
    """Unix time."""

    def __str__(self) -> str:
        since = datetime.fromtimestamp(self.since, UTC).astimezone().isoformat(" ", "seconds")
        return f"process {self.pid} ({self.command}), since {since}"


@contextmanager
def measuring_lock(
    *,
    wait: bool,
    on_wait: Callable[[Holder | None], None] | None = None,
    directory: Path | None = None,
) -> Iterator[None]:
    """Hold the machine's one right to measure, whoever the user and whichever the store.

    Args:
        wait: Wait for the present holder instead of refusing.
        on_wait: Called once with the present holder before waiting for it.
        directory: Where the lock file lies; default: the same place for all users.

    Raises:
        UsageError: if the lock is held and `wait` is false; the message says by whom.
    """
    path = (directory or _shared_directory()) / _MEASURING
    with _holding(path) as lock:
        if not lock.try_take():
            holder = lock.holder()
            if not wait:
                raise UsageError(
                    f"this machine is already measuring: {holder or 'holder unknown'}; two "
                    "measurements at once disturb each other: use --wait to wait for its end"
                )
            if on_wait is not None:
                on_wait(holder)
            lock.take()
        lock.sign()
        yield


@contextmanager
def run_lock(store: Path, run_id: str) -> Iterator[None]:
    """Hold the right to work on one run of the store in directory `store`.

    Raises:
        UsageError: if another process works on the same run; the message says which.
    """
    directory = store / "locks"
    with storage_errors(directory):
        directory.mkdir(parents=True, exist_ok=True)
    with _holding(directory / f"{quote(run_id, safe='')}.lock") as lock:
        if not lock.try_take():
            raise UsageError(
                f"run {run_id} is already being worked on: {lock.holder() or 'holder unknown'}; "
                "wait for its end or stop it, then resume"
            )
        lock.sign()
        yield


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold an unnamed short lock on a file, waiting for it; its directory is made."""
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with _holding(path) as lock:
        lock.take()
        yield


class _LockFile:
    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._signed = False

    def try_take(self) -> bool:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def take(self) -> None:
        fcntl.flock(self._fd, fcntl.LOCK_EX)

    def sign(self) -> None:
        """Note who holds the lock; only a courtesy to others, so a full disk is no failure."""
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:_COMMAND_LENGTH]
        note = json.dumps(asdict(Holder(os.getpid(), command, time.time())))
        self._signed = True
        with contextlib.suppress(OSError):
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, note.encode(), 0)

    def holder(self) -> Holder | None:
        """Who signed the file; None if nobody did or the note cannot be read."""
        try:
            raw = json.loads(os.pread(self._fd, 4096, 0))
            return Holder(int(raw["pid"]), str(raw["command"]), float(raw["since"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def close(self) -> None:
        if self._signed:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, 0)
        os.close(self._fd)


@contextmanager
def _holding(path: Path) -> Iterator[_LockFile]:
    with storage_errors(path):
        lock = _LockFile(_open(path))
    try:
        yield lock
    finally:
        lock.close()


def _open(path: Path) -> int:
    # In a world-writable sticky directory Linux (fs.protected_regular) refuses O_CREAT on a file
    # of another user, so a file that exists is opened without it.
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        pass
    try:
        fd = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return os.open(path, flags)
    # Every user must be able to take the lock, whatever the umask of the one who came first.
    os.fchmod(fd, 0o666)
    return fd


def _shared_directory() -> Path:
    """Choose by facts that are the same for every user, never by what this user may write."""
    candidate = Path("/run/lock")
    try:
        if candidate.stat().st_mode & stat.S_IWOTH:
            return candidate
    except OSError:
        pass
    return Path("/tmp")  # noqa: S108 - opened with O_NOFOLLOW, holds nothing secret or trusted
