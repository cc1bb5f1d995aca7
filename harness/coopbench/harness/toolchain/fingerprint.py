"""Fingerprints of tools: name, version and content hash, never a path."""

import hashlib
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from coopbench.harness.errors import InfraError
from coopbench.harness.model import Tool, Toolchain
from coopbench.harness.toolchain.cache import Cache, content_key
from coopbench.harness.toolchain.compilers import Executable

_LOADED = re.compile(r"^\s*(\S+) => (/\S.*?) \(0x[0-9a-f]+\)$", re.MULTILINE)
_OF_A_COMPILER = re.compile(r"^lib(LLVM|clang|Polly|LTO)", re.IGNORECASE)
_LOADER_S = 10.0


def stat_key(path: Path) -> tuple[str, int, int, int] | None:
    """Return what changes when a file is replaced (path, inode, time, size); None if it is gone."""
    try:
        real = path.resolve(strict=True)
        facts = real.stat()
    except OSError:
        return None
    return str(real), facts.st_ino, facts.st_mtime_ns, facts.st_size


def file_sha256(path: Path, cache: Cache) -> str:
    """Return the SHA-256 of a file, remembered until the file is replaced.

    Raises:
        InfraError: if it cannot be read.
    """
    key = content_key("file-sha256", stat_key(path))
    known = cache.get(key)
    if known is not None:
        return known.path.read_text("ascii")
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as e:
        raise InfraError(f"cannot read {path.name}: {e.strerror or e}") from e
    cache.put(key, digest.encode())
    return digest


def executable(name: str, argv: tuple[str, ...], version: str, cache: Cache) -> Executable:
    """Return a tool with its fingerprint; `argv` is how it is called."""
    path = Path(argv[0])
    files = [Tool(name=name, version=version, sha256=file_sha256(path, cache))]
    for library in _compiler_libraries(path, cache):
        digest = file_sha256(library, cache)
        files.append(Tool(name=library.name, version=version, sha256=digest))
    return Executable(name, argv, version, tuple(files))


def toolchain(name: str, tools: Iterable[Executable | None]) -> Toolchain:
    """Return the fingerprint of several tools together; each file is named once."""
    files = {file.name: file for tool in tools if tool is not None for file in tool.files}
    return Toolchain(id=name, tools=tuple(files[key] for key in sorted(files)))


def _compiler_libraries(path: Path, cache: Cache) -> tuple[Path, ...]:
    """Return the shared libraries that hold most of a compiler, e.g. libLLVM.so.19.1.

    Distributions ship `opt` as a stub around such a library, so the hash of the executable alone
    would say little.
    """
    key = content_key("loaded-libraries", stat_key(path))
    known = cache.get(key)
    if known is None:
        names = "\n".join(str(library) for library in sorted(_loaded(path)))
        known = cache.put(key, names.encode())
    text = known.path.read_text("utf-8")
    return tuple(Path(line) for line in text.splitlines() if stat_key(Path(line)))


def _loaded(path: Path) -> set[Path]:
    with path.open("rb") as file:
        if file.read(4) != b"\x7fELF":
            return set()
    try:
        # The loader answers in the program's stead, as ldd(1) has it do.
        done = subprocess.run(
            [str(path)],
            env={"LD_TRACE_LOADED_OBJECTS": "1", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_LOADER_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return set()
    found = (m for m in _LOADED.finditer(done.stdout) if _OF_A_COMPILER.match(m[1]))
    return {Path(m[2]) for m in found}
