"""What the kernel tells a parent about a running child; see proc(5) and clock_getcpuclockid(3)."""

import os
import time
from dataclasses import dataclass

from coopbench.harness.errors import InfraError

_CPUCLOCK_SCHED = 2


@dataclass(frozen=True)
class Counters:
    """State and counters of a process at one moment."""

    state: str
    """`S` while it is blocked, `R` while it runs or waits for a processor, `Z` when dead."""
    minor_faults: int
    major_faults: int
    threads: int
    max_rss_kib: int
    voluntary_switches: int
    involuntary_switches: int


def read_counters(pid: int) -> Counters | None:
    """Return the counters of a process, or None if it has ended.

    Raises:
        InfraError: if /proc is not mounted.
    """
    try:
        stat = _read(f"/proc/{pid}/stat")
        status = _read(f"/proc/{pid}/status")
    except (FileNotFoundError, ProcessLookupError):
        if not os.path.isdir("/proc/self"):  # noqa: PTH112 - a hot path
            raise InfraError("/proc is not mounted: subjects cannot be observed") from None
        return None
    fields = stat[stat.rindex(b")") + 2 :].split()
    values = dict(line.split(b":", 1) for line in status.splitlines())
    if b"VmHWM" not in values:  # its memory is gone already
        return None
    return Counters(
        state=fields[0].decode(),
        minor_faults=int(fields[7]),
        major_faults=int(fields[9]),
        threads=int(fields[17]),
        max_rss_kib=int(values[b"VmHWM"].split()[0]),
        voluntary_switches=int(values[b"voluntary_ctxt_switches"]),
        involuntary_switches=int(values[b"nonvoluntary_ctxt_switches"]),
    )


def cpu_time_ns(pid: int) -> int | None:
    """Return the CPU time of all threads of a process, past ones included; None if it is gone.

    The clock is the kernel's, per process (`clock_getcpuclockid`): the process cannot set it.
    """
    try:
        return time.clock_gettime_ns(~pid << 3 | _CPUCLOCK_SCHED)
    except OSError:
        return None


def steal_ticks(cpu: int | None) -> int | None:
    """Return the clock ticks the hypervisor has taken from a processor; None if unknown."""
    if cpu is None:
        return None
    prefix = b"cpu%d " % cpu
    for line in _read("/proc/stat").splitlines():
        if line.startswith(prefix):
            fields = line.split()
            return int(fields[8]) if len(fields) > 8 else None
        if not line.startswith(b"cpu"):
            break
    return None


def _read(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        chunks = []
        while chunk := os.read(fd, 1 << 16):
            chunks.append(chunk)
            if len(chunk) < 1 << 16:
                break
        return b"".join(chunks)
    finally:
        os.close(fd)
