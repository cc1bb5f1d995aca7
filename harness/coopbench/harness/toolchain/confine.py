"""Keeps compilers that read candidates' text away from the user's files.

`#include`, `#embed` and `.incbin` read any file that the compiler may read; a candidate could
so carry hidden inputs, the run's secret or an expert version into its own object.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.toolchain.compilers import Compilers

_ISOLATION = (
    "--unshare-all",
    "--die-with-parent",
    "--new-session",
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--tmpfs",
    "/tmp",  # noqa: S108 - inside, private
)
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/alternatives")


@dataclass(frozen=True)
class BubblewrapConfinement:
    """Runs a tool where only the system's programs, the compilers and its own folder exist.

    The network does not exist either.
    """

    bwrap: Path
    """The bubblewrap executable."""
    readable: tuple[Path, ...]
    """Folders beside the system's that tools need."""
    hidden: tuple[Path, ...] = ()
    """Folders in the readable ones that are empty inside."""

    def wrap(self, argv: Sequence[str], workdir: Path) -> Sequence[str]:
        """Return the command that runs `argv` in `workdir`, and with nothing else to write to."""
        seen = (*map(Path, _SYSTEM), *self.readable)
        binds = (word for path in seen for word in ("--ro-bind-try", str(path), str(path)))
        masks = (word for path in self.hidden for word in ("--tmpfs", str(path)))
        own = ("--bind", str(workdir), str(workdir), "--chdir", str(workdir))
        return [str(self.bwrap), *_ISOLATION, *binds, *masks, *own, "--", *argv]


def confine(compilers: Compilers, bwrap: Path) -> BubblewrapConfinement:
    """Return the confinement in which every one of the compilers works."""
    folders = {compilers.toolkit.zig.path.parent, compilers.toolkit.objdump.path.parent.parent}
    for compiler in compilers.system:
        tools = compiler.tools
        for tool in (compiler.driver, tools.opt, tools.llc, tools.link, tools.profdata):
            if tool is not None:
                folders |= {tool.path.parent, tool.path.resolve().parent}
        folders.add(compiler.include.parent)
    outside = (f for f in folders if not f.is_relative_to("/usr") and not f.is_relative_to("/bin"))
    readable = tuple(sorted(outside))
    return BubblewrapConfinement(bwrap, readable, _own_packages((*map(Path, _SYSTEM), *readable)))


def _own_packages(readable: Sequence[Path]) -> tuple[Path, ...]:
    """Return our own packages' folders that tools could read, e.g. of an installation in /usr."""
    import coopbench

    portions = sorted({Path(p).resolve() for p in coopbench.__path__})
    return tuple(p for p in portions if any(p.is_relative_to(r) for r in readable))
