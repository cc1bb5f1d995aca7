"""Finding an emulator, and proving on a known program that it counts exactly."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from coopbench.harness.emulation.counter import Counter
from coopbench.harness.emulation.emulator import Emulator
from coopbench.harness.emulation.plugin import GUEST_INSTRUCTIONS, build_guest, build_plugin
from coopbench.harness.errors import InfraError, MissingToolError
from coopbench.harness.toolchain.compilers import Arch

_REMEDY = "apt-get install qemu-user (Debian 12, Ubuntu 22.04 or 24.04)"
_SYSTEM_FOLDERS = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")


def find_emulator(arch: Arch, *, counting: bool = True) -> Emulator:
    """Return the emulator of `arch` (`aarch64` or `x86_64`) found on this machine.

    Args:
        arch: Guest architecture.
        counting: Whether instructions must be counted. The emulator is then run once on a
            program whose number of instructions is known.

    Raises:
        MissingToolError: if there is none, or it cannot count; the message says what to do.
        InfraError: if it counts wrongly.
    """
    path = shutil.which(f"qemu-{arch}")
    if path is None:
        raise MissingToolError(f"qemu-{arch} is not installed: {_REMEDY}")
    executable = Path(path).resolve()
    emulator = Emulator(arch, executable, _version(executable), _libraries(executable))
    if not counting:
        return emulator
    if "-plugin" not in _output(executable, "-h"):
        raise MissingToolError(
            f"{executable.name} {emulator.version} was built without plugin support, so it cannot "
            f"count instructions: {_REMEDY} has it; qemu-user-static and Debian 13 have not"
        )
    counter = replace(emulator, plugin=build_plugin())
    _try_out(counter)
    return counter


def _try_out(emulator: Emulator) -> None:
    """Run the known guest (our own code, hence no sandbox) and compare the count."""
    with Counter() as counter:
        command = (
            str(emulator.executable),
            *("-plugin", f"{emulator.plugin},fd={counter.fd}"),
            str(build_guest(emulator.arch)),
        )
        done = subprocess.run(
            command, capture_output=True, pass_fds=(counter.fd,), timeout=60, check=False
        )
        if done.returncode != 0:
            reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["crashed"]
            raise MissingToolError(
                f"{emulator.executable.name} {emulator.version} cannot load the counting plugin, "
                f"which needs plugin API 1 (QEMU 6.0 to 8.2): {reason[0]}; {_REMEDY}"
            )
        if counter.instructions != GUEST_INSTRUCTIONS:
            raise InfraError(
                f"{emulator.executable.name} counted {counter.instructions} instructions of a "
                f"program that has {GUEST_INSTRUCTIONS}"
            )


def _version(executable: Path) -> str:
    match = re.search(r"version (\d+(?:\.\d+)+)", _output(executable, "--version"))
    if match is None:
        raise MissingToolError(f"{executable} does not run here: {_REMEDY}")
    return match[1]


def _libraries(executable: Path) -> tuple[Path, ...]:
    """Return what the dynamic loader needs: the system's library folders, other files singly.

    Binding a folder costs a launch far less than binding every library in it.
    """
    found: dict[Path, None] = {}
    for name in re.findall(r"(?:=> |^\s*)(/\S+) \(0x", _output(Path("ldd"), str(executable)), re.M):
        library = Path(name)
        in_system = any(library.is_relative_to(folder) for folder in _SYSTEM_FOLDERS)
        found[library.parent if in_system else library] = None
    # a folder inside another one that is bound anyway would hide behind it
    return tuple(p for p in found if not any(p != q and p.is_relative_to(q) for q in found))


def _output(executable: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            (str(executable), *arguments), capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
