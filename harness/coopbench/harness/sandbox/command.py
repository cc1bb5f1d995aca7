"""From a job to a command line: bubblewrap, our launcher, perhaps an emulator, the subject."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.emulation.emulator import Emulator
from coopbench.harness.errors import UsageError
from coopbench.harness.sandbox.bwrap import Bubblewrap, Mount, bwrap_argv
from coopbench.harness.sandbox.job import Job

_LAUNCHER = "/launcher"
_SUBJECT = "/subject"
_EMULATOR = "/emulator"
_PLUGIN = "/plugin.so"
# Address space that QEMU takes for itself: libraries, heaps, stacks, 128 MiB of translated code.
_EMULATOR_BYTES = 1 << 30
_UNLIMITED_PROCESSES = 1 << 20


@dataclass(frozen=True)
class SandboxInfo:
    """What confines subjects, for results."""

    description: str
    """E.g. `bubblewrap 0.11.0 + seccomp + rlimits`."""
    version: str | None
    """Of bubblewrap; None without it."""
    tier: str
    """`bubblewrap`, or `unsafe` if only limits and the system-call filter are in force."""


@dataclass(frozen=True)
class Sandbox:
    """The door to execution; `probe.open_sandbox` makes one that has passed its self-test."""

    info: SandboxInfo
    launcher: Path
    bwrap: Bubblewrap | None
    """None without isolation (`--unsafe-no-sandbox`)."""


def command_line(sandbox: Sandbox, job: Job, kept: Iterable[int]) -> list[str]:
    """Return the command line that launches `job`.

    Args:
        sandbox: What confines it.
        job: What to launch.
        kept: Descriptors (above 2) that the subject inherits.

    Raises:
        UsageError: if the job shows files at other paths and there is no sandbox to do so.
    """
    options = [*_options(job), *(f"keep={fd}" for fd in kept)]
    if sandbox.bwrap is None:
        if job.read_only or job.writable or job.tmp_bytes is not None:
            raise UsageError("giving files to a subject needs the sandbox: install bubblewrap")
        emulator_path = str(job.emulator.executable) if job.emulator else ""
        subject = _subject(job, str(job.exe), emulator_path)
        return [str(sandbox.launcher), *options, "--", *subject]
    subject = _subject(job, _SUBJECT, _EMULATOR)
    command = [_LAUNCHER, *options, "--", *subject]
    mounts = (Mount(_LAUNCHER, sandbox.launcher), *_mounts(job))
    return bwrap_argv(sandbox.bwrap, mounts, job.tmp_bytes, command)


def _options(job: Job) -> list[str]:
    limits = job.limits
    memory, processes = limits.memory_bytes, 1
    if job.emulator is not None:
        # QEMU has a helper thread; that the guest gets none is up to the plugin. Kernels before
        # 5.14 count all of the user's processes here, so a small number would stop QEMU.
        memory, processes = memory + _EMULATOR_BYTES, _UNLIMITED_PROCESSES
    values = {
        "address_space": memory,
        "cpu_s": max(1, math.ceil(limits.cpu_s)),
        # one more than allowed, so that exactly the allowed amount is no excess
        "file_bytes": limits.output_bytes + 1,
        "stack_bytes": limits.stack_bytes,
        "processes": processes,
        "cpu": -1 if job.cpu is None else job.cpu,
        "fixed_layout": int(not job.aslr or job.emulator is not None),
        "emulator": int(job.emulator is not None),
        "writes": int(bool(job.writable) or job.tmp_bytes is not None),
    }
    options = [f"{name}={value}" for name, value in values.items()]
    if job.emulator is None:
        options += [f"env={name}={value}" for name, value in job.env.items()]
    return options


def _subject(job: Job, exe: str, emulator_path: str) -> list[str]:
    if job.emulator is None:
        return [exe, *job.argv]
    # a fixed seed makes the guest's AT_RANDOM, hence its count, the same every time
    command = [emulator_path, "-cpu", "max", "-seed", "1", "-0", _SUBJECT]
    for name, value in job.env.items():
        command += ["-E", f"{name}={value}"]
    if job.emulator.plugin is not None:
        path = _PLUGIN if emulator_path == _EMULATOR else str(job.emulator.plugin)
        command += ["-plugin", f"{path},{job.emulator.plugin_options}"]
    return [*command, exe, *job.argv]


def _mounts(job: Job) -> Iterable[Mount]:
    yield Mount(_SUBJECT, job.exe)
    if job.emulator is not None:
        yield from _emulator_mounts(job.emulator)
    for inside, outside in job.read_only.items():
        yield Mount(inside, outside)
    for inside, outside in job.writable.items():
        yield Mount(inside, outside, writable=True)


def _emulator_mounts(emulator: Emulator) -> Iterable[Mount]:
    yield Mount(_EMULATOR, emulator.executable)
    for path in emulator.libraries:
        yield Mount(str(path), path)
    if emulator.plugin is not None:
        yield Mount(_PLUGIN, emulator.plugin)
