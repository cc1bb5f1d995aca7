"""Runs one tool: limited, in a clean environment, its whole process group killed on time-out."""

import math
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from coopbench.harness.errors import InfraError, MissingToolError

_CPU_GRACE_S = 5
_KEPT_OUTPUT = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one run of a tool may use."""

    wall_s: float = 60.0
    memory_bytes: int = 4 << 30
    """Address space of each process."""
    file_bytes: int = 64 << 20
    """Size of each file it writes, diagnostics included."""


@dataclass(frozen=True)
class Finished:
    """How a run of a tool ended."""

    status: int
    """Exit status; the negative signal number if a signal ended it."""
    stdout: bytes
    stderr: bytes
    """Their first mebibyte; `stdout` is whole."""
    seconds: float
    timed_out: bool

    @property
    def signal(self) -> int | None:
        """The signal that ended the tool, or a process it had started; None if there was none."""
        if self.status < 0:
            return -self.status
        return self.status - 128 if 128 < self.status <= 128 + signal.SIGRTMAX else None


class Confinement(Protocol):
    """Keeps a tool that reads untrusted text away from the user's files."""

    def wrap(self, argv: Sequence[str], workdir: Path) -> Sequence[str]:
        """Return the command that runs `argv` in `workdir`, and with nothing else to write to."""
        ...


def run_tool(
    argv: Sequence[str],
    workdir: Path,
    limits: Limits,
    *,
    confinement: Confinement | None = None,
    environment: Mapping[str, str] | None = None,
) -> Finished:
    """Run a tool to its end or its limits; nothing is read from standard input.

    Args:
        argv: The command; its first word is an absolute path.
        workdir: The folder it runs in, also its home and its temporary folder.
        limits: What it may use.
        confinement: Wraps the command; None runs it as it is.
        environment: Variables beside the fixed ones.

    Raises:
        InfraError: if it cannot be started.
        MissingToolError: if prlimit(1) is not installed.
    """
    command = [*_limiter(limits), *(confinement.wrap(argv, workdir) if confinement else argv)]
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        start = time.perf_counter()
        try:
            process = subprocess.Popen(
                command,
                cwd=workdir,
                env=_environment(workdir, environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        except OSError as e:
            raise InfraError(f"cannot start {Path(argv[0]).name}: {e.strerror or e}") from e
        timed_out = not _wait(process, limits.wall_s)
        seconds = time.perf_counter() - start
        stdout.seek(0)
        stderr.seek(0)
        return Finished(
            process.returncode, stdout.read(), stderr.read(_KEPT_OUTPUT), seconds, timed_out
        )


def _wait(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for the end; after `seconds` kill the group. Return whether it ended by itself."""
    # Popen.wait with a time-out polls with growing pauses, which would add up to a half to the
    # time of a short link; a descriptor of the process wakes at once.
    try:
        handle = os.pidfd_open(process.pid)
        try:
            poll = select.poll()
            poll.register(handle, select.POLLIN)
            ended = bool(poll.poll(seconds * 1000))
        finally:
            os.close(handle)
    except BaseException:
        _kill(process)
        raise
    if not ended:
        _kill(process)
    process.wait()
    return ended


def _kill(process: subprocess.Popen[bytes]) -> None:
    # Not reaped yet, so the group's number cannot belong to anyone else.
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _limiter(limits: Limits) -> list[str]:
    # A pre-exec function is not safe in a process with threads, hence a program.
    prlimit = shutil.which("prlimit")
    if prlimit is None:
        raise MissingToolError("prlimit is not installed; install the package util-linux")
    cpu = math.ceil(limits.wall_s) * (os.cpu_count() or 1)
    return [
        prlimit,
        f"--as={limits.memory_bytes}",
        f"--fsize={limits.file_bytes}",
        f"--cpu={cpu}:{cpu + _CPU_GRACE_S}",
        "--core=0",
        "--",
    ]


def _environment(workdir: Path, extra: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LC_ALL": "C",
        "SOURCE_DATE_EPOCH": "0",
        "HOME": str(workdir),
        "TMPDIR": str(workdir),
        **extra,
    }
