"""Our own small C programs around subjects: compiled once per machine, kept by source hash."""

import os
import platform
import subprocess
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from coopbench.harness.errors import InfraError
from coopbench.harness.storage_errors import storage_errors
from coopbench.harness.toolchain.cache import Cache, cache_home, content_key
from coopbench.harness.toolchain.compilers import ARCHES, Arch, Compilers
from coopbench.harness.toolchain.discover import discover
from coopbench.harness.toolchain.headers import header_folders
from coopbench.harness.toolchain.runtime import ensure_runtime

_FLAGS = ("-O2", "-std=gnu17", "-fPIE", "-Wall", "-Wextra", "-Werror")
_TIMEOUT_S = 120.0


def host_arch() -> Arch:
    """Return this machine's architecture.

    Raises:
        InfraError: if it is none that subjects can run on.
    """
    machine = platform.machine()
    if machine not in ARCHES:
        raise InfraError(f"CoopBench runs on {' and '.join(ARCHES)}, not on {machine}")
    return machine


def build_trusted(source: Path, arch: Arch | None = None) -> Path:
    """Return the static executable made from one of our C files, building it if need be.

    Args:
        source: The C file; headers in its folder count as part of it.
        arch: Default: the host's.

    Raises:
        InfraError: if it does not compile.
    """
    target = arch or host_arch()
    texts = [path.read_text("utf-8") for path in (source, *sorted(source.parent.glob("*.h")))]
    result = trusted_path(f"{source.stem}-{target}", _FLAGS, texts)
    if not result.exists():
        cache = Cache(cache_home(os.environ))
        compilers = pinned_tools(cache)
        runtime = ensure_runtime(compilers.toolkit, target, cache)
        folders = header_folders(compilers.pinned, compilers.toolkit, target)
        compile_c = (
            *compilers.pinned.driver.argv,
            *(f"--target={target}-linux-musl", "-nostdinc"),
            *(word for folder in folders for word in ("-isystem", str(folder))),
            *(*_FLAGS, "-c", str(source.absolute()), "-o", "main.o"),
        )
        libraries = map(str, runtime.libraries)
        link = (
            *compilers.toolkit.lld.argv,
            "-static",
            "-s",
            str(runtime.crt),
            "main.o",
            *libraries,
        )
        make(result, compile_c, link)
    return result


def pinned_tools(cache: Cache) -> Compilers:
    """Return the pinned compiler and its tools, without looking for any other."""
    return discover(cache, search_path="")


def trusted_path(name: str, *made_from: object) -> Path:
    """Return where a trusted file lies that is made from these JSON values by the pinned tools."""
    key = content_key(version("ziglang"), *made_from)[:16]
    return cache_home(os.environ) / "trusted" / f"{name}-{key}"


def make(result: Path, *commands: Sequence[str]) -> None:
    """Run commands in a scratch folder; what the last one makes becomes `result`.

    `-o` and the output's name are appended to the last command. The result appears at once and
    whole, so that concurrent builders cannot disturb each other.

    Raises:
        InfraError: if a command fails.
    """
    with storage_errors(result.parent):
        result.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=result.parent, prefix=".build-") as scratch:
            *first, last = commands
            for command in (*first, (*last, "-o", "result")):
                _run(command, scratch, result.name)
            Path(scratch, "result").replace(result)


def _run(command: Sequence[str], folder: str, what: str) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as e:
        raise InfraError(f"cannot build {what}: the compiler took over {_TIMEOUT_S:g} s") from e
    if done.returncode != 0:
        text = done.stderr.decode(errors="replace").strip()
        raise InfraError(f"cannot build {what}: {text}")
