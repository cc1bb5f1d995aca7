"""One launch of a subject: what to run, with what, and how it ended."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from coopbench.harness.emulation.emulator import Emulator
from coopbench.harness.sandbox.limits import Limits


@dataclass(frozen=True)
class Job:
    """What to launch. The subject sees nothing but what is named here.

    Its program name is always `/subject`, so that two arms of a comparison have equal stacks.
    """

    exe: Path
    """A statically linked executable."""
    argv: tuple[str, ...] = ()
    """Arguments after the program name."""
    stdin: bytes | int | None = None
    """Standard input: bytes, or the descriptor of a memory file (read from its start, through
    a description of its own, so one file serves many launches), or nothing."""
    env: Mapping[str, str] = field(default_factory=dict)
    """The whole environment."""
    limits: Limits = field(default_factory=Limits)
    cpu: int | None = None
    """Processor to run on; None leaves the choice to the kernel."""
    aslr: bool = True
    """False fixes the address-space layout, for exact counts. Emulated jobs always fix it."""
    read_only: Mapping[str, Path] = field(default_factory=dict)
    """Path inside to file or folder outside, readable."""
    writable: Mapping[str, Path] = field(default_factory=dict)
    """Path inside to folder outside, readable and writable."""
    tmp_bytes: int | None = None
    """Size of a private, writable `/tmp`; None gives none."""
    emulator: Emulator | None = None
    """Runs the subject under this emulator."""
    fds: Mapping[int, int] = field(default_factory=dict)
    """Descriptor number inside (3 to 9) to descriptor outside."""

    def __post_init__(self) -> None:
        if not all(3 <= inside <= 9 for inside in self.fds):
            raise AssertionError(f"descriptors inside must be 3 to 9: {sorted(self.fds)}")


@dataclass(frozen=True)
class Usage:
    """What a subject used, from its first instruction on."""

    cpu_s: float
    wall_s: float
    max_rss_kib: int
    minor_faults: int
    major_faults: int
    voluntary_switches: int
    involuntary_switches: int


@dataclass(frozen=True)
class Completed:
    """How a program's launch ended; a failure of the subject is a value, not an exception."""

    exit_code: int | None
    """None if it was ended by a signal."""
    signal: int | None
    timed_out: bool
    """The wall or CPU limit ended it."""
    output_exceeded: bool
    """It wrote more than `output_bytes` somewhere."""
    stdout: bytes
    stderr: bytes
    usage: Usage
    """Of an emulated subject, the emulator's."""
    instructions: int | None
    """Instructions retired by an emulated subject, if the emulator counts."""

    @property
    def ok(self) -> bool:
        """True if the program ended by itself with exit code 0, within its limits."""
        return self.exit_code == 0 and not self.timed_out and not self.output_exceeded


def memory_file(name: str, data: bytes = b"") -> int:
    """Return a new memory file's descriptor, to be closed by the caller."""
    fd = os.memfd_create(name, os.MFD_CLOEXEC)
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
    return fd
