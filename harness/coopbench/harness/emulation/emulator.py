"""QEMU user mode: what a found emulator is."""

from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.toolchain.compilers import Arch

COUNTER_FD = 5
"""Descriptor of the counter's page in the emulator's process, closed before the guest runs."""


@dataclass(frozen=True)
class Emulator:
    """An emulator of one architecture; `find.find_emulator` makes one that was tried out."""

    arch: Arch
    executable: Path
    version: str
    libraries: tuple[Path, ...] = ()
    """Files and folders that its dynamic loader needs."""
    plugin: Path | None = None
    """The counting plugin; None emulates without counting."""

    @property
    def counts(self) -> bool:
        """Whether instruction counts are to be had."""
        return self.plugin is not None
