"""Our own small C programs around subjects: compiled once per machine, kept by source hash."""

import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from coopbench.harness.errors import InfraError

_FLAGS = ("-static", "-O2", "-s", "-Wall", "-Wextra", "-Werror")
_TIMEOUT_S = 600.0  # the first build for an architecture also builds its C library


def cache_home() -> Path:
    """Return the folder that holds everything that can be rebuilt."""
    if home := os.environ.get("COOPBENCH_CACHE"):
        return Path(home)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "coopbench"


def build_trusted(source: Path, arch: str | None = None) -> Path:
    """Return the static executable made from one of our C files, building it if need be.

    Args:
        source: The C file; headers in its folder count as part of it.
        arch: `x86_64` or `aarch64`; default the host's.

    Raises:
        InfraError: if it does not compile.
    """
    target = f"{arch or platform.machine()}-linux-musl"
    key = _key(source, target)
    exe = cache_home() / "trusted" / f"{source.stem}-{target}-{key}"
    if not exe.exists():
        command = (sys.executable, "-m", "ziglang", "cc", "-target", target, *_FLAGS, str(source))
        compile_into(exe, command)
    return exe


def compile_into(result: Path, *commands: tuple[str, ...]) -> None:
    """Run compiler commands in a scratch folder; the last one's output becomes `result`.

    `-o` and the output's name are appended to the last command. The result appears at once and
    whole, so that concurrent builders cannot disturb each other.

    Raises:
        InfraError: if a command fails.
    """
    result.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=result.parent, prefix=".build-") as scratch:
        *first, last = commands
        for command in (*first, (*last, "-o", "result")):
            done = subprocess.run(
                command, cwd=scratch, capture_output=True, timeout=_TIMEOUT_S, check=False
            )
            if done.returncode != 0:
                text = done.stderr.decode(errors="replace").strip()
                raise InfraError(f"cannot build {result.name}: {text}")
        Path(scratch, "result").replace(result)


def _key(source: Path, target: str) -> str:
    h = hashlib.sha256(f"{version('ziglang')} {target} {_FLAGS}".encode())
    for path in [source, *sorted(source.parent.glob("*.h"))]:
        h.update(path.read_bytes())
    return h.hexdigest()[:16]
