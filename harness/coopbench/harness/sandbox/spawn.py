"""Starting a job in the sandbox, and learning from the launcher how it ended."""

import contextlib
import fcntl
import os
import signal
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from coopbench.harness.errors import InfraError
from coopbench.harness.sandbox.channel import Channel, Packet
from coopbench.harness.sandbox.command import Sandbox, command_line
from coopbench.harness.sandbox.job import Job, Usage, memory_file

_STATUS_FD = 10  # of the launcher, see launcher.c
_FIRST_SOURCE_FD = 64
_START_S = 30.0
_END_S = 30.0
_USAGE = struct.Struct("<7q")  # struct usage in launcher.c
_WAIT_STATUS = struct.Struct("<q")


@dataclass(frozen=True)
class Snapshot:
    """A launcher's report: the clock, and what the subject's process had used by then."""

    monotonic_ns: int
    cpu_ns: int
    max_rss_kib: int
    minor_faults: int
    major_faults: int
    voluntary_switches: int
    involuntary_switches: int


@dataclass(frozen=True)
class Ended:
    """How a subject's process ended."""

    exit_code: int | None
    signal: int | None
    usage: Usage
    cpu_ns: int
    """Of its process, the steps before its first instruction included."""


class Launched:
    """A started job. Leaving the context ends it, whatever state it is in.

    The process that starts a job must outlive it: the kernel ends the sandbox when the thread
    that started it ends (bubblewrap's `--die-with-parent`).

    Args:
        sandbox: What confines it.
        job: What to start.
        channels: Further descriptors inside (3 to 9) to outside.

    Raises:
        InfraError: if it cannot be started.
    """

    def __init__(self, sandbox: Sandbox, job: Job, channels: Mapping[int, int]) -> None:
        self._job = job
        self._pidfd: int | None = None
        self._outer: int | None = None  # bubblewrap, or the launcher if there is none
        self.pid = 0
        """Process id of the subject, attested by the kernel; 0 before `await_start`."""
        self.launcher_pid = 0
        with contextlib.ExitStack() as stack:
            self._stdout = _owned(stack, memory_file("stdout"))
            self._stderr = _owned(stack, memory_file("stderr"))
            stdin = _open_stdin(job.stdin)
            stack.callback(os.close, stdin)
            self._status = stack.enter_context(Channel())
            inherited = {**job.fds, **channels}
            argv = command_line(sandbox, job, inherited)
            standard = {0: stdin, 1: self._stdout, 2: self._stderr, _STATUS_FD: self._status.child}
            self._outer = _spawn(argv, {**standard, **inherited})
            self._status.release()
            self._resources = stack.pop_all()

    def await_start(self) -> Snapshot:
        """Wait until the subject is about to run; return what its process has used by then.

        Raises:
            InfraError: if the sandbox cannot be set up or the executable cannot be run.
        """
        deadline = time.monotonic() + _START_S
        self.launcher_pid = self._expect(b"L", deadline).pid
        packet = self._expect(b"E", deadline)
        self.pid = packet.pid
        with contextlib.suppress(ProcessLookupError):  # it may have ended already
            self._pidfd = os.pidfd_open(packet.pid)
        self._start = Snapshot(*_USAGE.unpack(packet.data[1:]))
        return self._start

    def await_end(self, seconds: float) -> Ended | None:
        """Wait for the subject's end; None if it still runs when time is up.

        Raises:
            InfraError: if the sandbox broke down.
        """
        if not self._status.wait(seconds):
            return None
        packet = self._expect(b"S", time.monotonic() + _END_S)
        if packet.pid != self.launcher_pid:
            raise InfraError("the sandbox's report of a subject's end does not come from it")
        self._reap()
        (status,) = _WAIT_STATUS.unpack_from(packet.data, 1)
        end = Snapshot(*_USAGE.unpack_from(packet.data, 1 + _WAIT_STATUS.size))
        code = os.waitstatus_to_exitcode(status)
        usage = _difference(self._start, end)
        return Ended(None if code < 0 else code, -code if code < 0 else None, usage, end.cpu_ns)

    def kill(self) -> None:
        """End the subject; `await_end` then reports it as killed."""
        if self._pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def stdout(self) -> tuple[bytes, bool]:
        """Return what it wrote to standard output, and whether that was too much."""
        return self._output(self._stdout)

    def stderr(self) -> tuple[bytes, bool]:
        """Return what it wrote to standard error, and whether that was too much."""
        return self._output(self._stderr)

    def close(self) -> None:
        """End whatever runs and release everything."""
        if self._outer is not None:
            self._end()
        if self._pidfd is not None:
            os.close(self._pidfd)
            self._pidfd = None
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _output(self, fd: int) -> tuple[bytes, bool]:
        limit = self._job.limits.output_bytes
        size = os.fstat(fd).st_size
        return os.pread(fd, min(size, limit), 0), size > limit

    def _expect(self, kind: bytes, deadline: float) -> Packet:
        if not self._status.wait(deadline - time.monotonic()):
            raise InfraError(f"the sandbox does not answer within {_START_S:g} s")
        packet = self._status.receive()
        if packet is None:
            raise InfraError(f"the sandbox broke down: {self._complaint()}")
        if packet.data[:1] == b"F":
            number = int.from_bytes(packet.data[1:5], "little", signed=True)
            step = packet.data[5:].decode(errors="replace")
            raise InfraError(f"the launcher could not {step}: {os.strerror(number)}")
        if packet.data[:1] != kind:
            raise InfraError(f"the launcher sent {packet.data[:1]!r} instead of {kind!r}")
        return packet

    def _complaint(self) -> str:
        text = os.pread(self._stderr, 500, 0).decode(errors="replace").strip()
        return text or "it left no message"

    def _reap(self) -> None:
        """Wait for bubblewrap, which ends only when its namespace has no process left."""
        if self._outer is not None:
            os.waitpid(self._outer, 0)
            self._outer = None

    def _end(self) -> None:
        """End a job in whatever state it is."""
        # A sandbox that is being set up is let finish: bubblewrap's processes do not die with
        # each other at every point of it, but they do once the subject is there.
        with contextlib.suppress(InfraError):
            if self.pid == 0:
                self.await_start()
            self.kill()
            self.await_end(_END_S)
        if self._outer is not None:
            self._break_off(self._outer)

    def _break_off(self, outer: int) -> None:
        """End a sandbox that has broken down."""
        os.killpg(outer, signal.SIGKILL)
        deadline = time.monotonic() + _END_S
        while self._status.wait(deadline - time.monotonic()):
            packet = self._status.receive()
            if packet is None:  # all of its processes have let go
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(packet.pid, signal.SIGKILL)
        self._reap()


def _spawn(argv: list[str], descriptors: Mapping[int, int]) -> int:
    """Start a program with exactly these descriptors, numbered as inside; return its pid."""
    with contextlib.ExitStack() as stack:
        actions = []
        for inside, outside in descriptors.items():
            # copies far above the numbers inside, so that no dup2 overwrites a later source
            source = fcntl.fcntl(outside, fcntl.F_DUPFD_CLOEXEC, _FIRST_SOURCE_FD)
            stack.callback(os.close, source)
            actions.append((os.POSIX_SPAWN_DUP2, source, inside))
        try:
            # its own process group: Ctrl-C is for us, and we then end the sandbox in order
            return os.posix_spawn(argv[0], argv, {}, file_actions=actions, setpgroup=0)
        except OSError as e:
            raise InfraError(f"cannot start {argv[0]}: {e.strerror}") from e


def _open_stdin(source: bytes | int | None) -> int:
    """Return a descriptor for reading only, with a position of its own."""
    if source is None:
        return os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    fd = memory_file("stdin", source) if isinstance(source, bytes) else source
    try:
        return os.open(f"/proc/self/fd/{fd}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        if isinstance(source, bytes):
            os.close(fd)


def _owned(stack: contextlib.ExitStack, fd: int) -> int:
    stack.callback(os.close, fd)
    return fd


def _difference(start: Snapshot, end: Snapshot) -> Usage:
    return Usage(
        cpu_s=(end.cpu_ns - start.cpu_ns) / 1e9,
        wall_s=(end.monotonic_ns - start.monotonic_ns) / 1e9,
        max_rss_kib=end.max_rss_kib,
        minor_faults=end.minor_faults - start.minor_faults,
        major_faults=end.major_faults - start.major_faults,
        voluntary_switches=end.voluntary_switches - start.voluntary_switches,
        involuntary_switches=end.involuntary_switches - start.involuntary_switches,
    )
