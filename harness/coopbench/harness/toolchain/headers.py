"""Header folders of a build: the compiler's own, and those of the pinned C library."""

from pathlib import Path

from coopbench.harness.toolchain.compilers import Arch, Compiler, Toolkit

_LINUX = {"x86_64": "x86", "aarch64": "aarch64"}


def header_folders(compiler: Compiler, toolkit: Toolkit, arch: Arch) -> tuple[Path, ...]:
    """Return the folders to search, in order.

    Every compiler sees the same C library headers, because every candidate is linked against
    the same C library; only the headers that belong to the compiler are its own.
    """
    libc = toolkit.zig_lib / "libc" / "include"
    return (
        compiler.include,
        libc / f"{arch}-linux-musl",
        libc / "generic-musl",
        libc / f"{_LINUX[arch]}-linux-any",
        libc / "any-linux-any",
    )
