"""What a session yields: windows, an orderly end, or a death."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Window:
    """What one window cost; counters are differences over the window."""

    cpu_s: float | None
    """CPU seconds of all threads; None if emulated (an emulator's time means nothing)."""
    wall_s: float
    setup_cpu_s: float | None
    """CPU seconds between the subject's first instruction (or the last window) and this window."""
    max_rss_kib: int
    """Largest resident set of the whole launch so far."""
    minor_faults: int
    major_faults: int
    voluntary_switches: int
    involuntary_switches: int
    threads: int
    """Threads of the subject at the end of the window (without an emulator's own)."""
    steal_ticks: int | None
    """Clock ticks the hypervisor took from the job's processor; None if it is not bound to one."""
    instructions: int | None
    """Guest instructions retired, if an emulator counts them."""


@dataclass(frozen=True)
class Finished:
    """A session that ended as it should, with exit code 0."""

    teardown_cpu_s: float | None
    """CPU seconds after the last window; None if emulated."""
    instructions: int | None
    """Guest instructions of the whole launch, if an emulator counts them."""
    max_rss_kib: int
    stdout: bytes
    stderr: bytes


DeathKind = Literal["exited", "signal", "timed_out", "output_exceeded", "protocol"]


@dataclass(frozen=True)
class Died:
    """A subject that did not play its part; a value, since it is the candidate's failure."""

    kind: DeathKind
    detail: str
    """One line for people."""
    stderr: bytes
