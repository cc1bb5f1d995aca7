"""Finds out what a compiler is and what it can do, by asking and by trying; remembers both."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import ValidationError

from coopbench.harness.base import Frozen
from coopbench.harness.toolchain.cache import Cache, content_key
from coopbench.harness.toolchain.compilers import ARCHES, Arch, Features, LlvmTools
from coopbench.harness.toolchain.fingerprint import stat_key
from coopbench.harness.toolchain.process import Limits, run_tool

_LIMITS = Limits(wall_s=10.0)
_CLANG = re.compile(r"clang version (\d+(?:\.\d+)+)")
_GCC = re.compile(r"\b(?:gcc|GCC)\b.* (\d+\.\d+(?:\.\d+)*)\b")
_CLANG_TARGETS = {"x86-64": "x86_64", "aarch64": "aarch64"}
_TRIVIAL = "int main(void) { return 0; }\n"

R = TypeVar("R", bound=Frozen)


class Identity(Frozen):
    """What a compiler says of itself."""

    kind: Literal["clang", "gcc"]
    version: str
    """Version number."""
    banner: str
    """First line of `--version`, with the distribution's revision."""
    arches: tuple[Arch, ...]
    include: str
    """Folder of its own headers."""
    resources: str | None = None
    """clang's resource folder."""
    backend: str | None = None
    """gcc's `cc1`, the program that compiles."""


class _Abilities(Frozen):
    polly: bool
    profile_runtime: str | None


def ask(argv: Sequence[str]) -> str | None:
    """Return the standard output of a tool; None if it failed, hung or cannot be started."""
    if stat_key(Path(argv[0])) is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        done = run_tool(argv, Path(folder), _LIMITS)
    return None if done.status or done.timed_out else done.stdout.decode("utf-8", "replace")


def identify(argv: tuple[str, ...], cache: Cache) -> Identity | str:
    """Return what the compiler called by `argv` is, or one line that says why it is unusable."""
    key = content_key("identity", 1, stat_key(Path(argv[0])), argv)
    known = _recall(cache, key, Identity)
    if known is not None:
        return known
    found = _identify(argv)
    if isinstance(found, Identity):
        cache.put(key, found.model_dump_json().encode())
    return found


def _identify(argv: tuple[str, ...]) -> Identity | str:
    text = ask([*argv, "--version"])
    if not text or not text.strip():
        return "`--version` fails or says nothing"
    banner = text.splitlines()[0].strip()
    if match := _CLANG.search(text):
        return _clang(argv, match[1], banner)
    if "Free Software Foundation" in text and (match := _GCC.search(banner)):
        return _gcc(argv, match[1], banner)
    return f"`--version` is neither clang's nor gcc's: {banner[:80]!r}"


def _clang(argv: tuple[str, ...], version: str, banner: str) -> Identity | str:
    resources = (ask([*argv, "-print-resource-dir"]) or "").strip()
    targets = re.findall(r"^\s*(\S+)\s+- ", ask([*argv, "--print-targets"]) or "", re.MULTILINE)
    arches = tuple(a for a in ARCHES if a in {_CLANG_TARGETS.get(t) for t in targets})
    if not arches:
        return "it makes code for neither x86-64 nor AArch64"
    return Identity(
        kind="clang",
        version=version,
        banner=banner,
        arches=arches,
        include=str(Path(resources) / "include"),
        resources=resources,
    )


def _gcc(argv: tuple[str, ...], version: str, banner: str) -> Identity | str:
    machine = (ask([*argv, "-dumpmachine"]) or "").strip()
    arches = tuple(a for a in ARCHES if machine.split("-")[0] == a)
    include = (ask([*argv, "-print-file-name=include"]) or "").strip()
    backend = (ask([*argv, "-print-prog-name=cc1"]) or "").strip()
    if not arches:
        return f"it makes code for {machine or 'an unknown machine'} only"
    if not Path(include).is_dir() or not Path(backend).is_absolute():
        return "it is incomplete: its headers or its cc1 are not installed"
    return Identity(
        kind="gcc",
        version=version,
        banner=banner,
        arches=arches,
        include=include,
        backend=backend,
    )


def features(
    argv: tuple[str, ...],
    identity: Identity,
    tools: LlvmTools,
    lld: tuple[str, ...],
    cache: Cache,
) -> tuple[Features, Path | None]:
    """Return what a clang can do, and its profile runtime for the host if that works.

    Args:
        argv: How the compiler is called.
        identity: What it is.
        tools: The LLVM tools of its own version.
        lld: How the linker is called.
        cache: Where answers are remembered.
    """
    if identity.kind != "clang" or identity.resources is None:
        return Features(), None
    libraries = [stat_key(p) for p in sorted(Path(identity.resources).glob("lib/**/*profile*.a"))]
    key = content_key("abilities", 1, stat_key(Path(argv[0])), argv, libraries)
    known = _recall(cache, key, _Abilities)
    if known is None:
        known = _Abilities(
            polly=_accepts_polly(argv), profile_runtime=_profile_runtime(argv, identity, lld)
        )
        cache.put(key, known.model_dump_json().encode())
    runtime = Path(known.profile_runtime) if known.profile_runtime else None
    has = Features(
        lto=None not in (tools.opt, tools.llc, tools.link),
        pgo=runtime is not None and tools.profdata is not None,
        polly=known.polly,
    )
    return has, runtime


def _accepts_polly(argv: tuple[str, ...]) -> bool:
    return _works([*argv, "-O3", "-mllvm", "-polly", "-c", "try.c", "-o", "try.o"])


def _profile_runtime(argv: tuple[str, ...], identity: Identity, lld: tuple[str, ...]) -> str | None:
    """Return the static profile runtime for the host if an instrumented program links with it."""
    machine = (ask([*argv, "-dumpmachine"]) or "").split("-")[0]
    root = Path(str(identity.resources)) / "lib"
    names = (f"linux/libclang_rt.profile-{machine}.a", f"{machine}-*/libclang_rt.profile.a")
    for library in (path for name in names for path in sorted(root.glob(name))):
        compile_it = [*argv, "-O1", "-fprofile-generate", "-c", "try.c", "-o", "try.o"]
        # The C library comes later, from the pinned wheel; here only the two must fit together.
        link_it = [*lld, "-static", "--unresolved-symbols=ignore-all", "-e", "main"]
        link_it += ["-u", "__llvm_profile_runtime", "try.o", str(library), "-o", "try.exe"]
        if _works(compile_it, link_it):
            return str(library)
    return None


def _works(*commands: Sequence[str]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "try.c").write_text(_TRIVIAL, "ascii")
        results = (run_tool(command, Path(folder), _LIMITS) for command in commands)
        return all(done.status == 0 and not done.timed_out for done in results)


def _recall(cache: Cache, key: str, model: type[R]) -> R | None:
    entry = cache.get(key)
    if entry is None:
        return None
    try:
        return model.model_validate_json(entry.path.read_bytes())
    except (OSError, ValidationError):
        return None
