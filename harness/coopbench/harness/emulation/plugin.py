"""Building the counting plugin and the tiny guest that proves that it counts exactly."""

import hashlib
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import ziglang

from coopbench.harness.sandbox.trusted import cache_home, compile_into

_HERE = Path(__file__).parent
GUEST_INSTRUCTIONS = 100_004
"""Instructions that the guest of `build_guest` retires on every architecture."""

_GUESTS = {
    # mov, 49999 more turns of a two-instruction loop than one, exit with status 0
    "x86_64": """
        .globl _start
        _start: mov $50000, %ecx
        1:      dec %ecx
                jnz 1b
                mov $60, %eax
                xor %edi, %edi
                syscall
    """,
    "aarch64": """
        .globl _start
        _start: mov w1, #50000
        1:      subs w1, w1, #1
                b.ne 1b
                mov w8, #93
                mov w0, #0
                svc #0
    """,
}


def build_plugin() -> Path:
    """Return the counting plugin for this host's QEMU, building it if need be.

    Raises:
        InfraError: if it does not compile.
    """
    source = _HERE / "plugin.c"
    headers = Path(ziglang.__file__).parent / "lib" / "include"
    compile_c = (
        *_clang(f"{platform.machine()}-linux-gnu"),
        *("-ffreestanding", "-fPIC", "-fvisibility=hidden", "-O2", "-Wall", "-Wextra", "-Werror"),
        *("-isystem", str(headers), "-c", str(source), "-o", "plugin.o"),
    )
    # what it calls is found in QEMU's process when it is loaded
    link = (sys.executable, "-m", "ziglang", "ld.lld", "-shared", "plugin.o")
    result = _cached("plugin", source.read_text("utf-8"), platform.machine(), ".so")
    if not result.exists():
        compile_into(result, compile_c, link)
    return result


def build_guest(arch: str) -> Path:
    """Return a program for `arch` that retires exactly `GUEST_INSTRUCTIONS` and exits with 0.

    Raises:
        InfraError: if it does not assemble.
    """
    result = _cached("guest", _GUESTS[arch], arch, "")
    if not result.exists():
        source = result.with_suffix(".s")
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(_GUESTS[arch], "utf-8")
        assemble = (*_clang(f"{arch}-linux-musl"), "-c", str(source), "-o", "guest.o")
        link = (sys.executable, "-m", "ziglang", "ld.lld", "-static", "guest.o")
        compile_into(result, assemble, link)
    return result


def _clang(target: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "ziglang", "clang", f"--target={target}")


def _cached(name: str, source: str, arch: str, suffix: str) -> Path:
    key = hashlib.sha256(f"{version('ziglang')}\0{source}".encode()).hexdigest()[:16]
    return cache_home() / "trusted" / f"{name}-{arch}-{key}{suffix}"
