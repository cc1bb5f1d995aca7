"""Timing a kernel from outside: the handshake between the parent and the trusted driver.

The driver (in the subject) has a packet socket as descriptor 3 and the arena as descriptor 4.
It sends `R` when it is ready and waits; on `G` it makes the calls, sends `D` and waits; `G`
opens another window, `X` ends it. While the driver is blocked the parent reads the process's
CPU clock from outside (clock_getcpuclockid(3)), so neither clock nor figures are within the
subject's reach:

- Each packet must come from the process that the launcher started; the kernel vouches for it.
- A window is over when the subject has said `D` *and* is blocked: work that goes on behind an
  early `D` is in the window; what is done later still shows as CPU time after the window.
- A packet out of turn ends the session.
"""

import contextlib
import signal
import time
from dataclasses import dataclass
from typing import Self

from coopbench.harness.emulation.counter import Counter
from coopbench.harness.emulation.emulator import COUNTER_FD
from coopbench.harness.errors import InfraError
from coopbench.harness.sandbox.channel import Channel
from coopbench.harness.sandbox.command import Sandbox
from coopbench.harness.sandbox.job import Job
from coopbench.harness.sandbox.procfs import Counters, cpu_time_ns, read_counters, steal_ticks
from coopbench.harness.sandbox.run import counts, out_of_cpu
from coopbench.harness.sandbox.spawn import Ended, Launched
from coopbench.harness.sandbox.window import DeathKind, Died, Finished, Window

__all__ = ["ARENA_FD", "CONTROL_FD", "Died", "Finished", "Session", "Window"]

CONTROL_FD = 3
ARENA_FD = 4

_KILL_S = 30.0
_END_OF_CHANNEL_S = 1.0
_BLOCKED_PAUSE_S = 1e-4


@dataclass(frozen=True)
class _Look:
    """The clocks of a blocked subject."""

    counters: Counters
    cpu_s: float
    """CPU seconds since the last look."""
    instructions: int | None


class Session:
    """One launch of a kernel's driver: `wait_ready`, `go` (once or more), `finish`.

    Each step returns a `Died` if the subject fails; the session is over then. Leaving the
    context ends the subject in any case. The time limit holds for each step.

    Args:
        job: The driver's executable and limits; standard output is for diagnosis only.
        sandbox: What confines it.
        arena_fd: Memory file with the calls' arguments.

    Raises:
        InfraError: by any method, if the sandbox breaks down.
    """

    def __init__(self, job: Job, sandbox: Sandbox, arena_fd: int) -> None:
        self._job = job
        self._dead: Died | None = None
        self._cpu_ns = 0  # of the subject, when last looked at
        with contextlib.ExitStack() as stack:
            self._control = stack.enter_context(Channel())
            self._counter = stack.enter_context(Counter()) if counts(job) else None
            channels = {CONTROL_FD: self._control.child, ARENA_FD: arena_fd}
            if self._counter is not None:
                channels[COUNTER_FD] = self._counter.fd
            self._launched = stack.enter_context(Launched(sandbox, job, channels))
            self._control.release()
            self._resources = stack.pop_all()

    def wait_ready(self) -> Died | None:
        """Wait until the driver is ready; None if it is."""
        self._cpu_ns = self._launched.await_start().cpu_ns
        return self._await_packet(b"R", "before it was ready")

    def go(self) -> Window | Died:
        """Open a window, wait until the driver says it is done, and return what it cost."""
        before = self._look("after it said ready")
        if isinstance(before, Died):
            return before
        steal = steal_ticks(self._job.cpu)
        start_ns = time.monotonic_ns()
        self._control.send(b"G")
        if (died := self._await_packet(b"D", "in the window")) is not None:
            return died
        end_ns = time.monotonic_ns()
        after = self._look("after it said done")
        if isinstance(after, Died):
            return after
        stolen = steal_ticks(self._job.cpu)
        emulated = self._job.emulator is not None
        was, now = before.counters, after.counters
        return Window(
            cpu_s=None if emulated else after.cpu_s,
            wall_s=(end_ns - start_ns) / 1e9,
            setup_cpu_s=None if emulated else before.cpu_s,
            max_rss_kib=now.max_rss_kib,
            minor_faults=now.minor_faults - was.minor_faults,
            major_faults=now.major_faults - was.major_faults,
            voluntary_switches=now.voluntary_switches - was.voluntary_switches,
            involuntary_switches=now.involuntary_switches - was.involuntary_switches,
            threads=now.threads - emulated,
            steal_ticks=_minus(stolen, steal),
            instructions=_minus(after.instructions, before.instructions),
        )

    def finish(self) -> Finished | Died:
        """Let the driver go, wait for its end, and return what it did after the last window."""
        if (died := self._refuse_packet("after the window")) is not None:
            return died
        self._control.send(b"X")
        when = "when it was let go"
        ended = self._launched.await_end(self._job.limits.wall_s)
        if ended is None:
            return self._time_out(when)
        stdout, much = self._launched.stdout()
        stderr, also_much = self._launched.stderr()
        if ended.exit_code != 0 or much or also_much:
            return self._autopsy(ended, when)
        return Finished(
            teardown_cpu_s=None if self._job.emulator else (ended.cpu_ns - self._cpu_ns) / 1e9,
            instructions=None if self._counter is None else self._counter.instructions,
            max_rss_kib=ended.usage.max_rss_kib,
            stdout=stdout,
            stderr=stderr,
        )

    def close(self) -> None:
        """End the subject, whatever it does, and release everything."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _await_packet(self, wanted: bytes, when: str) -> Died | None:
        """Wait for one packet; None if it is the wanted one, from the subject."""
        if self._dead is not None:
            return self._dead
        if not self._control.wait(self._job.limits.wall_s):
            return self._time_out(when)
        packet = self._control.receive()
        if packet is None:
            return self._bury(when)
        if packet.pid != self._launched.pid:
            return self._end("protocol", f"another process sent a packet {when}")
        if packet.data != wanted:
            return self._end("protocol", f"sent {packet.data[:16]!r} {when}")
        return None

    def _refuse_packet(self, when: str) -> Died | None:
        """Make sure that the subject, which must be waiting now, has sent nothing."""
        if self._dead is not None:
            return self._dead
        if not self._control.wait(0):
            return None
        packet = self._control.receive()
        if packet is None:
            return self._bury(when)
        return self._end("protocol", f"sent {packet.data[:16]!r} out of turn {when}")

    def _look(self, when: str) -> _Look | Died:
        """Wait until the subject sleeps, which is what it does between the steps; read all clocks."""
        if self._dead is not None:
            return self._dead
        deadline = time.monotonic() + self._job.limits.wall_s
        while True:
            counters = read_counters(self._launched.pid)
            if counters is None or counters.state in "ZX":
                return self._bury(when)
            if counters.state == "S":
                break
            if time.monotonic() > deadline:
                return self._time_out(when)
            time.sleep(_BLOCKED_PAUSE_S)
        if (died := self._refuse_packet(when)) is not None:
            return died
        now = cpu_time_ns(self._launched.pid)
        if now is None:
            return self._bury(when)
        since, self._cpu_ns = now - self._cpu_ns, now
        instructions = None if self._counter is None else self._counter.instructions
        return _Look(counters, since / 1e9, instructions)

    def _bury(self, when: str) -> Died:
        """Say how the subject died, after it let go of its channel."""
        ended = self._launched.await_end(_END_OF_CHANNEL_S)
        if ended is None:
            return self._end("protocol", f"closed its channel {when}")
        return self._autopsy(ended, when)

    def _time_out(self, when: str) -> Died:
        return self._end("timed_out", f"no answer for {self._job.limits.wall_s:g} s {when}")

    def _end(self, kind: DeathKind, detail: str) -> Died:
        """End a subject that still lives."""
        self._launched.kill()
        if self._launched.await_end(_KILL_S) is None:
            raise InfraError("a killed subject does not end")
        return self._died(kind, detail)

    def _autopsy(self, ended: Ended, when: str) -> Died:
        limits = self._job.limits
        if self._launched.stdout()[1] or self._launched.stderr()[1]:
            return self._died("output_exceeded", f"over {limits.output_bytes} bytes {when}")
        if ended.signal == signal.SIGXFSZ:
            return self._died("output_exceeded", f"over {limits.output_bytes} bytes {when}")
        if out_of_cpu(self._job, ended):
            return self._died("timed_out", f"over {limits.cpu_s:g} CPU s {when}")
        if self._counter is not None and self._counter.vcpus > 1:
            return self._died("exited", f"started a thread, which is refused, {when}")
        if ended.signal is not None:
            return self._died("signal", f"{_signal_name(ended.signal)} {when}")
        return self._died("exited", f"exit code {ended.exit_code} {when}")

    def _died(self, kind: DeathKind, detail: str) -> Died:
        self._dead = Died(kind, detail, self._launched.stderr()[0])
        return self._dead


def _minus(after: int | None, before: int | None) -> int | None:
    return None if after is None or before is None else after - before


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
