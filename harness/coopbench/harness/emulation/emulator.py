"""QEMU user mode: what a found emulator is."""

from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.toolchain.compilers import Arch

COUNTER_FD = 5
"""Descriptor of the counter's page in the emulator's process, closed before the guest runs."""
BLOCKS_FD = 6
"""Descriptor of the table of blocks, likewise."""


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
    by_block: bool = False
    """Whether the plugin also counts the executions of every block, in the file `BLOCKS_FD`."""

    @property
    def counts(self) -> bool:
        """Whether instruction counts are to be had."""
        return self.plugin is not None

    @property
    def plugin_options(self) -> str:
        """What the plugin is told."""
        return f"fd={COUNTER_FD}" + (f",blocks={BLOCKS_FD}" if self.by_block else "")
