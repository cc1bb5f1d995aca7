"""The musl runtime that every executable is linked against, made once from the pinned wheel.

`zig cc` builds the C library from the sources in its wheel when it first links for a target.
The harness lets it do that with a trivial object, takes the finished libraries from the link
line it prints, and from then on links with plain lld: no hidden flags, and 10 ms a link.
"""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from coopbench.harness.base import Frozen
from coopbench.harness.errors import InfraError
from coopbench.harness.locks import file_lock
from coopbench.harness.model import Tool
from coopbench.harness.storage_errors import storage_errors
from coopbench.harness.toolchain.cache import Cache, content_key, write_aside
from coopbench.harness.toolchain.compilers import Arch, Executable, Toolkit
from coopbench.harness.toolchain.process import Limits, run_tool

CRT = "crt1.o"
LIBRARIES = ("libc.a", "libzigc.a", "libcompiler_rt.a")
_RECIPE = 1
"""Raised when the way of making the runtime changes."""
_LIMITS = Limits(wall_s=1800.0, memory_bytes=16 << 30, file_bytes=1 << 30)
_ZIG_CACHE = "zig-cache"
_RECORD = "runtime.json"
_TRIVIAL = "int main(void) { return 0; }\n"


class _Record(Frozen):
    files: dict[str, str]
    """Name to SHA-256."""


@dataclass(frozen=True)
class Runtime:
    """Start-up code and libraries for one architecture."""

    arch: Arch
    folder: Path
    tool: Tool
    """Fingerprint, as part of a toolchain."""

    @property
    def crt(self) -> Path:
        """Start-up code."""
        return self.folder / CRT

    @property
    def libraries(self) -> tuple[Path, ...]:
        """Libraries in link order."""
        return tuple(self.folder / name for name in LIBRARIES)


def ensure_runtime(toolkit: Toolkit, arch: Arch, cache: Cache) -> Runtime:
    """Return the runtime for an architecture, making it if need be (about a minute, once).

    Safe to call from several threads and processes: one makes it, the others wait.

    Raises:
        InfraError: if it cannot be made.
    """
    name = f"{arch}-{content_key(_RECIPE, toolkit.zig.identity, arch)[:16]}"
    folder = cache.home / "runtime" / name
    digest = _check(folder)
    if digest is None:
        with file_lock(cache.home / "runtime" / f"{name}.lock"):
            digest = _check(folder)
            if digest is None:
                _make(toolkit, arch, folder)
                digest = _check(folder)
    if digest is None:
        raise InfraError(f"the C library for {arch} is damaged as soon as it is written")
    return Runtime(
        arch, folder, Tool(name=f"musl-{arch}", version=toolkit.zig.version, sha256=digest)
    )


def _check(folder: Path) -> str | None:
    """Return the runtime's hash; None if it is not there or not as it was made."""
    try:
        text = (folder / _RECORD).read_bytes()
        record = _Record.model_validate_json(text)
        for name in (CRT, *LIBRARIES):
            data = (folder / name).read_bytes()
            if hashlib.sha256(data).hexdigest() != record.files.get(name):
                return None
    except (OSError, ValidationError):
        return None
    return hashlib.sha256(text).hexdigest()


def _make(toolkit: Toolkit, arch: Arch, folder: Path) -> None:
    with ExitStack() as stack:
        stack.enter_context(storage_errors(folder))
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(
            stack.enter_context(tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-"))
        )
        parts = _build(toolkit, arch, work)
        result = work / "result"
        result.mkdir()
        for name, path in parts.items():
            _strip(toolkit, work, path, result / name)
        hashes = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in result.iterdir()}
        record = _Record(files=dict(sorted(hashes.items())))
        write_aside(result / _RECORD, record.model_dump_json().encode())
        if folder.exists():
            shutil.rmtree(folder)
        result.rename(folder)


def _build(toolkit: Toolkit, arch: Arch, work: Path) -> dict[str, Path]:
    """Let zig link a trivial program; return the parts it used, by name."""
    triple = f"{arch}-linux-musl"
    (work / "main.c").write_text(_TRIVIAL, "ascii")
    zig = toolkit.zig.argv
    _run((*zig, "clang", f"--target={triple}", "-c", "main.c", "-o", "main.o"), work)
    flags = ("-target", triple, "-mcpu=baseline", "-O3", "-g0", "-static", "-v")
    said = _run((*zig, "cc", *flags, "main.o", "-o", "main.exe"), work)
    lines = [line for line in said.splitlines() if line.startswith("ld.lld ")]
    words = lines[-1].split() if lines else []
    parts = {Path(word).name: work / word for word in words}
    wanted = {name: parts[name] for name in (CRT, *LIBRARIES) if name in parts}
    if len(wanted) != len(LIBRARIES) + 1:
        missing = {CRT, *LIBRARIES} - wanted.keys()
        raise InfraError(f"zig's link line for {arch} does not name {', '.join(sorted(missing))}")
    plain = {name: _rename_members(toolkit.ar, wanted[name], work) for name in LIBRARIES}
    return wanted | plain


def _rename_members(ar: Executable, archive: Path, work: Path) -> Path:
    """Archive the members again under plain names; zig names them by cache paths."""
    folder = archive.stem
    (work / folder).mkdir()
    names = []
    for i, member in enumerate(_run((*ar.argv, "t", str(archive)), work).split()):
        names.append(f"{folder}/{i:04}-{re.sub(r'[^A-Za-z0-9_.]', '_', Path(member).name)}")
        (work / member).rename(work / names[-1])
    _run((*ar.argv, "rcsD", f"plain-{archive.name}", *names), work)
    return work / f"plain-{archive.name}"


def _strip(toolkit: Toolkit, work: Path, source: Path, target: Path) -> None:
    """Copy without debug information, which would make every link slower."""
    _run((*toolkit.objcopy.argv, "--strip-debug", str(source), str(target)), work)


def _run(argv: Sequence[str], work: Path) -> str:
    zig = {
        "ZIG_GLOBAL_CACHE_DIR": str(work / _ZIG_CACHE),
        "ZIG_LOCAL_CACHE_DIR": str(work / _ZIG_CACHE),
    }
    done = run_tool(argv, work, _LIMITS, environment=zig)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    if done.status or done.timed_out:
        last = said.strip().splitlines()[-1:] or ["no message"]
        raise InfraError(f"cannot make the C library: {Path(argv[0]).name} {argv[1]}: {last[0]}")
    return said
