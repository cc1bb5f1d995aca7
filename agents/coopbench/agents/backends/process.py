"""Runs one program that answers a request: time and output limited, its group killed at the end."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

_CHUNK = 1 << 16
_MOST_READS = 64
_STDERR_TAIL = 1 << 12


@dataclass(frozen=True)
class Child:
    """A program to run."""

    argv: Sequence[str]
    stdin: bytes
    environment: Mapping[str, str]
    folder: str | None = None
    """Where it runs; None means here."""


@dataclass(frozen=True)
class Finished:
    """How a program ended."""

    why: Literal["exited", "overdue", "flood"]
    """By itself; killed at the deadline; killed because it printed too much."""
    status: int
    """Exit status; the negative signal number if a signal ended it."""
    stdout: bytes
    stderr: str
    """Its last few kilobytes."""
    seconds: float


def run_child(child: Child, deadline: float, most_bytes: int) -> Finished:
    """Run a program until it exits, and kill what is left of its process group then.

    A process of the group that keeps standard output open is not waited for. One that leaves the
    group (`setsid`) is not waited for either, but lives on.

    Args:
        child: What to run.
        deadline: `time.monotonic()` value at which it is killed.
        most_bytes: Most bytes of standard output; more and it is killed.

    Raises:
        OSError: if it cannot be started.
    """
    start = time.monotonic()
    with _started(child) as process:
        try:
            with _Pump(process, child.stdin, most_bytes) as pump:
                why = pump.run(deadline)
        finally:
            # Not reaped yet, so the group's number cannot belong to anyone else.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        status = process.wait()
    stderr = bytes(pump.stderr).decode("utf-8", "replace")
    return Finished(why, status, bytes(pump.stdout), stderr, time.monotonic() - start)


def _started(child: Child) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        list(child.argv),
        cwd=child.folder,
        env=dict(child.environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
    )


@dataclass
class _Pump:
    """Moves bytes between us and a child without ever blocking on it."""

    process: subprocess.Popen[bytes]
    stdin: bytes
    most_bytes: int
    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    _selector: selectors.DefaultSelector = field(default_factory=selectors.DefaultSelector)
    _exited: bool = False

    def __enter__(self) -> Self:
        p = self.process
        assert p.stdin is not None
        assert p.stdout is not None
        assert p.stderr is not None
        self._handle = os.pidfd_open(p.pid)
        self._selector.register(self._handle, selectors.EVENT_READ, self._note_exit)
        for pipe, event, act in (
            (p.stdin, selectors.EVENT_WRITE, self._write),
            (p.stdout, selectors.EVENT_READ, self._read_stdout),
            (p.stderr, selectors.EVENT_READ, self._read_stderr),
        ):
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe.fileno(), event, act)
        self._todo = memoryview(self.stdin)
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        os.close(self._handle)

    def run(self, deadline: float) -> Literal["exited", "overdue", "flood"]:
        """Move bytes until the child exits or has to be killed."""
        while not self._exited:
            left = deadline - time.monotonic()
            if left <= 0:
                return "overdue"
            for key, _ in self._selector.select(left):
                key.data(key.fd)
            if len(self.stdout) > self.most_bytes:
                return "flood"
        self._drain()
        return "flood" if len(self.stdout) > self.most_bytes else "exited"

    def _drain(self) -> None:
        """Read what a child that has exited left in the pipes, without waiting for an end."""
        self._selector.unregister(self._handle)
        for _ in range(_MOST_READS):  # a process that lives on may never stop printing
            ready = [k for k, e in self._selector.select(0) if e & selectors.EVENT_READ]
            if not ready:
                return
            for key in ready:
                key.data(key.fd)

    def _note_exit(self, _fd: int) -> None:
        self._exited = True

    def _write(self, fd: int) -> None:
        try:
            sent = os.write(fd, self._todo[:_CHUNK])
        except BlockingIOError:
            return
        except BrokenPipeError:  # a program need not read its request to the end
            sent = len(self._todo)
        self._todo = self._todo[sent:]
        if not self._todo:
            self._selector.unregister(fd)
            assert self.process.stdin is not None
            self.process.stdin.close()

    def _read_stdout(self, fd: int) -> None:
        self.stdout += self._read(fd)

    def _read_stderr(self, fd: int) -> None:
        self.stderr += self._read(fd)
        del self.stderr[:-_STDERR_TAIL]

    def _read(self, fd: int) -> bytes:
        try:
            data = os.read(fd, _CHUNK)
        except BlockingIOError:
            return b""
        if not data:
            self._selector.unregister(fd)
        return data
