"""What is known of a compiler, and the collection of those that were found."""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from coopbench.harness.errors import UsageError
from coopbench.harness.model import Tool, Toolchain
from coopbench.harness.toolchain.cache import content_key

Arch = Literal["x86_64", "aarch64"]
ARCHES: tuple[Arch, ...] = ("x86_64", "aarch64")
PINNED = "pinned"


@dataclass(frozen=True)
class Executable:
    """A tool that can be run."""

    name: str
    """Name without path, e.g. `opt`."""
    argv: tuple[str, ...]
    """How it is called; the first word is an absolute path."""
    version: str
    files: tuple[Tool, ...]
    """Fingerprints of the executable and of the compiler libraries it loads."""

    @property
    def path(self) -> Path:
        """The executable file."""
        return Path(self.argv[0])

    @property
    def identity(self) -> str:
        """One hash for all that the tool's results depend on."""
        return content_key(self.name, self.version, [tool.sha256 for tool in self.files])


@dataclass(frozen=True)
class Features:
    """What a compiler can do beside compiling; found out by trying."""

    lto: bool = False
    """Its own `opt`, `llc` and `llvm-link` are there."""
    pgo: bool = False
    """An instrumented program links, and its own `llvm-profdata` is there."""
    polly: bool = False
    """`-mllvm -polly` is accepted."""


@dataclass(frozen=True)
class LlvmTools:
    """The tools that belong to one version of LLVM; None where one is not installed."""

    opt: Executable | None = None
    llc: Executable | None = None
    link: Executable | None = None
    profdata: Executable | None = None


@dataclass(frozen=True)
class Compiler:
    """A C compiler and the tools that belong to it."""

    id: str
    """`pinned`, or name and major version: `clang-19`, `gcc-12`, `aarch64-linux-gnu-gcc-12`."""
    kind: Literal["clang", "gcc"]
    version: str
    """Full version number."""
    arches: tuple[Arch, ...]
    """Architectures it makes code for."""
    driver: Executable
    include: Path
    """Its own headers (stddef.h, immintrin.h…)."""
    tools: LlvmTools
    profile_runtime: Path | None
    """Static library that writes profiles, for the host."""
    features: Features
    toolchain: Toolchain
    """Fingerprint of everything it runs."""

    @property
    def major(self) -> int:
        """First number of the version."""
        return int(self.version.split(".", maxsplit=1)[0])


@dataclass(frozen=True)
class Toolkit:
    """The tools of the pinned wheels that serve every compiler."""

    zig: Executable
    zig_lib: Path
    """Folder with the headers and sources of the C library."""
    lld: Executable
    objdump: Executable
    objcopy: Executable
    ar: Executable
    mca: Executable


@dataclass(frozen=True)
class Rejected:
    """A file that has a compiler's name but cannot be used."""

    name: str
    why: str


@dataclass(frozen=True)
class Compilers:
    """Every usable compiler of this machine."""

    pinned: Compiler
    toolkit: Toolkit
    system: tuple[Compiler, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    @property
    def all(self) -> tuple[Compiler, ...]:
        """The pinned compiler, then those of the system."""
        return (self.pinned, *self.system)

    def get(self, compiler_id: str) -> Compiler:
        """Return the compiler of that id.

        Raises:
            UsageError: if there is none, with what was found and the nearest name.
        """
        for compiler in self.all:
            if compiler.id == compiler_id:
                return compiler
        known = [compiler.id for compiler in self.all]
        close = difflib.get_close_matches(compiler_id, known, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        broken = next((f" ({r.why})" for r in self.rejected if r.name == compiler_id), "")
        raise UsageError(
            f"no compiler {compiler_id!r} on this machine{broken}; found: {', '.join(known)}{hint}"
        )

    def newest(self, kind: Literal["clang", "gcc"], arch: Arch) -> Compiler | None:
        """Return the newest system compiler of a kind that makes code for `arch`, if any."""
        able = [c for c in self.system if c.kind == kind and arch in c.arches]
        return max(able, key=lambda c: c.major, default=None)
