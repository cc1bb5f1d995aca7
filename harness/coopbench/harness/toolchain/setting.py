"""What code is made for, and by which compiler; the flags that follow from it."""

import re
from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.toolchain.compilers import Arch, Compiler
from coopbench.harness.toolchain.headers import header_folders
from coopbench.harness.toolchain.step import CWD, BuildFailure, Context, Step, run_step

_ATTRIBUTE = re.compile(r'"(target-cpu|target-features|tune-cpu)"="([^"]*)"')
_PROBE = b"void f(void) {}\n"
_HEADERS = "headers"
_NO_CONFIG_FILE = 16
"""First clang that would read a configuration file of the system, and can be told not to."""
_HARDENING_OFF = ("-fno-stack-protector", "-fno-stack-clash-protection", "-U_FORTIFY_SOURCE")
"""Some distributions switch these on by default, others do not; none is -O3 by itself."""


@dataclass(frozen=True)
class Isa:
    """An architecture and the instructions code may use."""

    arch: Arch
    march: str
    """Value of `-march`."""
    cpu: str = ""
    """Identity of the host's processor if `march` is `native`, else empty."""

    @property
    def triple(self) -> str:
        """Target triple."""
        return f"{self.arch}-linux-musl"


@dataclass(frozen=True)
class CpuAttributes:
    """How LLVM IR names an instruction set: string attributes of a function."""

    cpu: str
    features: str | None
    tune: str | None


@dataclass(frozen=True)
class Setting:
    """A compiler, what it makes code for, and the context it runs in."""

    context: Context
    compiler: Compiler
    isa: Isa

    @property
    def headers(self) -> tuple[tuple[str, Path], ...]:
        """Header folders, each under the fixed name that the flags use."""
        toolkit = self.context.compilers.toolkit
        folders = header_folders(self.compiler, toolkit, self.isa.arch)
        return tuple((f"{_HEADERS}.{i}", folder) for i, folder in enumerate(folders))

    @property
    def depends(self) -> tuple[str, ...]:
        """What else a compilation depends on: the C library's headers, the host's processor."""
        return (self.context.compilers.toolkit.zig.identity, self.isa.cpu)

    @property
    def c_flags(self) -> tuple[str, ...]:
        """Flags of every C compilation, before the recipe's own."""
        clang = self.compiler.kind == "clang"
        return (
            *(self._clang_flags if clang else self._gcc_flags),
            f"-march={self.isa.march}",
            "-std=gnu17",
            "-nostdinc",
            *(word for name, _ in self.headers for word in ("-isystem", name)),
            "-fPIE",
            "-ffunction-sections",
            "-fdata-sections",
            f"-ffile-prefix-map={CWD}=.",
            "-ffp-contract=off",
        )

    @property
    def _clang_flags(self) -> tuple[str, ...]:
        own = ("--no-default-config",) if self.compiler.major >= _NO_CONFIG_FILE else ()
        return (*own, f"--target={self.isa.triple}", "-fno-crash-diagnostics", *_HARDENING_OFF)

    @property
    def _gcc_flags(self) -> tuple[str, ...]:
        # -fcf-protection exists on x86 only, and is a distribution's default there.
        branches = ("-fcf-protection=none",) if self.isa.arch == "x86_64" else ()
        return (*_HARDENING_OFF, *branches)


def cpu_attributes(setting: Setting) -> CpuAttributes | BuildFailure:
    """Return what clang's `-march` means in IR, as clang itself says.

    This covers every `-march`, also those that are no processor's name (armv8.2-a+sve).
    """
    flags = (*setting.c_flags, "-O1", "-S", "-emit-llvm", "probe.c", "-o", "probe.ll")
    made = run_step(
        setting.context,
        Step(
            stage="front end",
            tool=setting.compiler.driver,
            args=flags,
            inputs=(("probe.c", _PROBE),),
            output="probe.ll",
            links=setting.headers,
            depends=setting.depends,
        ),
    )
    if isinstance(made, BuildFailure):
        return made
    found = dict(_ATTRIBUTE.findall(made.text()))
    return CpuAttributes(
        found.get("target-cpu", "generic"), found.get("target-features"), found.get("tune-cpu")
    )


def retarget(ir: bytes, attributes: CpuAttributes) -> bytes:
    """Return textual IR whose functions are for the given processor, whatever they said before.

    Quotes inside strings and comments of textual IR are escaped or harmless, so the pattern
    matches attributes only.
    """
    wanted = {
        "target-cpu": attributes.cpu,
        "target-features": attributes.features,
        "tune-cpu": attributes.tune,
    }

    def replace(match: re.Match[bytes]) -> bytes:
        value = wanted[match[1].decode()]
        return b"" if value is None else b'"%b"="%b"' % (match[1], value.encode())

    return re.sub(_ATTRIBUTE.pattern.encode(), replace, ir)
