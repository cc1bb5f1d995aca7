"""Building the counting plugin and the tiny guest that proves that it counts exactly."""

import os
from pathlib import Path

from coopbench.harness.sandbox.trusted import host_arch, make, pinned_tools, trusted_path
from coopbench.harness.toolchain.cache import Cache, cache_home
from coopbench.harness.toolchain.compilers import Arch, Compilers

_HERE = Path(__file__).parent
GUEST_INSTRUCTIONS = 100_004
"""Instructions that the guest of `build_guest` retires on every architecture."""

_GUESTS: dict[Arch, str] = {
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


_PLUGIN_FLAGS = (
    "-ffreestanding",
    "-fPIC",
    "-fvisibility=hidden",
    "-O2",
    "-Wall",
    "-Wextra",
    "-Werror",
)


def build_plugin() -> Path:
    """Return the counting plugin for this host's QEMU, building it if need be.

    Raises:
        InfraError: if it does not compile.
    """
    source, arch = _HERE / "plugin.c", host_arch()
    result = trusted_path(f"plugin-{arch}", _PLUGIN_FLAGS, source.read_text("utf-8"))
    if not result.exists():
        compilers = _compilers()
        compile_c = (
            *(*compilers.pinned.driver.argv, f"--target={arch}-linux-gnu"),
            *("-nostdinc", "-isystem", str(compilers.pinned.include)),
            *(*_PLUGIN_FLAGS, "-c", str(source), "-o", "plugin.o"),
        )
        # what it calls is found in QEMU's process when it is loaded
        make(result, compile_c, (*compilers.toolkit.lld.argv, "-shared", "plugin.o"))
    return result


def build_guest(arch: Arch) -> Path:
    """Return a program for `arch` that retires exactly `GUEST_INSTRUCTIONS` and exits with 0.

    Raises:
        InfraError: if it does not assemble.
    """
    text = _GUESTS[arch]
    result = trusted_path(f"guest-{arch}", text)
    if not result.exists():
        compilers = _compilers()
        source = result.with_suffix(".s")
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text, "utf-8")
        driver = (*compilers.pinned.driver.argv, f"--target={arch}-linux-musl")
        assemble = (*driver, "-c", str(source), "-o", "guest.o")
        make(result, assemble, (*compilers.toolkit.lld.argv, "-static", "guest.o"))
    return result


def _compilers() -> Compilers:
    return pinned_tools(Cache(cache_home(os.environ)))
