"""Reading a process's clocks and counters from outside."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coopbench.harness.sandbox.procfs import cpu_time_ns, read_counters, steal_ticks

WORK = "sum(range(300_000))"


@contextmanager
def _ended(code: str) -> Iterator[int]:
    """Yield the pid of a process that ran `code`, has ended, and is not reaped yet."""
    with subprocess.Popen((sys.executable, "-c", code)) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        yield child.pid


def test_own_counters_agree_with_the_interpreter() -> None:
    """Threads and peak memory of this process are what other interfaces say they are."""
    counters = read_counters(os.getpid())
    assert counters is not None
    assert counters.threads == len(list(Path("/proc/self/task").iterdir()))
    assert counters.max_rss_kib > 1000


def test_cpu_clock_of_another_process_is_what_the_kernel_charges() -> None:
    """The CPU clock read from outside equals the usage that reaping the process reports."""
    pid = os.posix_spawn(sys.executable, (sys.executable, "-c", WORK), os.environ)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    seen = cpu_time_ns(pid)
    _, _, usage = os.wait4(pid, 0)
    assert seen is not None
    assert abs(seen / 1e9 - (usage.ru_utime + usage.ru_stime)) < 1e-5


def test_a_process_that_is_gone_has_neither() -> None:
    """A reaped process yields None, not an error."""
    with _ended("") as pid:
        pass
    assert cpu_time_ns(pid) is None
    assert read_counters(pid) is None


def test_a_zombie_counts_as_ended() -> None:
    """A dead process that nobody has reaped has no counters any more."""
    with _ended("") as pid:
        assert read_counters(pid) is None


def test_a_sleeping_process_is_seen_as_blocked() -> None:
    """State `S` is what a process shows while it waits."""
    code = "import sys; sys.stdout.write('x'); sys.stdout.flush(); sys.stdin.read()"
    pipe = subprocess.PIPE
    with subprocess.Popen((sys.executable, "-c", code), stdin=pipe, stdout=pipe) as child:
        assert child.stdout is not None
        child.stdout.read(1)
        states = set()
        while "S" not in states:
            counters = read_counters(child.pid)
            assert counters is not None
            states.add(counters.state)
        assert states <= {"R", "S"}


def test_steal_is_known_for_real_processors_only() -> None:
    """A processor that exists has a figure; none, or one that does not exist, has none."""
    cpu = min(os.sched_getaffinity(0))
    assert steal_ticks(None) is None
    assert steal_ticks(100_000) is None
    ticks = steal_ticks(cpu)
    assert ticks is not None
    assert ticks >= 0
