"""Static links against the pinned runtime, in canonical order or in a random layout.

Where functions and data lie changes measured time by several percent without any change of
the code (Mytkowicz, Diwan, Hauswirth and Sweeney, "Producing wrong data without doing anything
obviously wrong!", ASPLOS 2009). A fresh random layout per block turns that bias into noise.
"""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

from coopbench.harness.storage_errors import storage_errors
from coopbench.harness.toolchain.cache import write_aside
from coopbench.harness.toolchain.compilers import Arch
from coopbench.harness.toolchain.constituents import assemble
from coopbench.harness.toolchain.runtime import Runtime
from coopbench.harness.toolchain.setting import Isa, Setting
from coopbench.harness.toolchain.step import (
    Artifact,
    BuildFailure,
    Context,
    Step,
    execute_step,
    run_step,
)

_EMULATION = {"x86_64": "elf_x86_64", "aarch64": "aarch64linux"}
_FLAGS = (
    "-static",
    "--build-id=none",
    "--gc-sections",
    "--strip-all",
    "--no-dependent-libraries",
    "--threads=1",
    "-z",
    "noexecstack",
)
_SHUFFLED = (".text*", ".rodata*", ".data*", ".bss*")
_PAD_SIZES = tuple(16 << i for i in range(8))
"""Sizes of the padding pieces; their sums are the multiples of 16 below 4096."""
_LEAST = {"x86_64": "x86-64", "aarch64": "armv8-a"}


@dataclass(frozen=True)
class Layout:
    """Where code and data come to lie in an executable."""

    seed: int | None = None
    """None: the canonical order. Otherwise the order of objects and sections, and the amount of
    padding in the code, are drawn from this seed."""


def link_static(
    context: Context,
    runtime: Runtime,
    objects: Sequence[Path],
    out: Path,
    layout: Layout | None = None,
) -> Path | BuildFailure:
    """Link objects and runtime into the executable `out`; the same arguments give the same bytes.

    Only canonical links are kept in the cache; a random layout is used once.

    Raises:
        InfraError: if the machine, not the objects, is at fault.
    """
    seed = None if layout is None else layout.seed
    # The linker reads objects that our assembler wrote, so it needs no confinement.
    context = replace(context, confinement=None)
    if seed is None:
        kept = run_step(context, link_step(context, runtime, _named(objects)))
        if isinstance(kept, BuildFailure):
            return kept
        data = kept.read()
    else:
        pad = _padding(context, runtime.arch)
        if isinstance(pad, BuildFailure):
            return pad
        made = execute_step(context, _shuffled(context, runtime, objects, pad, seed))
        if isinstance(made, BuildFailure):
            return made
        data = made.data
    with storage_errors(out):
        write_aside(out, data, 0o755)
    return out


def canonical_hash(executable: Path) -> str:
    """Return a hash of what an executable loads: addresses, permissions and contents.

    Comments, symbols and debug information do not count, so two compilers that made the same
    code give the same hash.

    Raises:
        elftools.common.exceptions.ELFError: if the file is no ELF executable.
    """
    digest = hashlib.sha256()
    with executable.open("rb") as file:
        elf = ELFFile(file)
        digest.update(f"{elf['e_machine']} {elf['e_entry']:#x}\n".encode())
        for section in elf.iter_sections():
            flags = section["sh_flags"]
            if not flags & SH_FLAGS.SHF_ALLOC:
                continue
            kind, address, size = section["sh_type"], section["sh_addr"], section["sh_size"]
            digest.update(f"{kind} {address:#x} {size} {flags}\n".encode())
            if kind != "SHT_NOBITS":
                digest.update(section.data())
    return digest.hexdigest()


def link_step(
    context: Context,
    runtime: Runtime,
    objects: Sequence[tuple[str, bytes]],
    *,
    flags: Sequence[str] = (),
    library: Path | None = None,
) -> Step:
    """Return the step that links objects, in order, and runtime into an executable.

    Args:
        context: Where the linker is found.
        runtime: The C library.
        objects: Name and contents of every object.
        flags: Further linker flags.
        library: A library to search before the runtime's.
    """
    searched = (*((library,) if library is not None else ()), *runtime.libraries)
    names = [runtime.crt.name, *(name for name, _ in objects), *(path.name for path in searched)]
    return Step(
        stage="linker",
        tool=context.compilers.toolkit.lld,
        args=(*_FLAGS, "-m", _EMULATION[runtime.arch], *flags, "-o", "out.exe", *names),
        inputs=tuple(sorted(objects)),
        output="out.exe",
        links=tuple((path.name, path) for path in (runtime.crt, *searched)),
        depends=(runtime.tool.sha256, *_digests(library)),
    )


def _shuffled(
    context: Context, runtime: Runtime, objects: Sequence[Path], pad: Artifact, seed: int
) -> Step:
    rng = random.Random(seed)  # noqa: S311 - layouts need no secrecy
    flags = [f"--shuffle-sections={glob}={rng.randrange(1, 1 << 31)}" for glob in _SHUFFLED]
    amount = 16 * rng.randrange(256)
    # A piece is linked only if something asks for its symbol.
    for size in _PAD_SIZES:
        flags += ["-u", f"coopbench_pad_{size}"] if amount & size else []
    inputs = [*_named(objects), ("pad.o", pad.read())]
    rng.shuffle(inputs)
    return link_step(context, runtime, inputs, flags=flags)


def _named(objects: Sequence[Path]) -> tuple[tuple[str, bytes], ...]:
    return tuple((f"{i}.o", path.read_bytes()) for i, path in enumerate(objects))


def _digests(library: Path | None) -> tuple[str, ...]:
    return () if library is None else (hashlib.sha256(library.read_bytes()).hexdigest(),)


def _padding(context: Context, arch: Arch) -> Artifact | BuildFailure:
    """Return an object with one section of code bytes per size, for the linker to choose from."""
    lines = []
    for size in _PAD_SIZES:
        name = f"coopbench_pad_{size}"
        lines += [f'.section .text.{name},"ax",%progbits', ".p2align 4", f".globl {name}"]
        lines += [f"{name}:", f".zero {size}"]
    setting = Setting(context, context.compilers.pinned, Isa(arch, _LEAST[arch]))
    return assemble(setting, "\n".join([*lines, ""]).encode())
