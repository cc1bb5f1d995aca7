"""Objects around a program of others: its protected sources and our shims, and what they grant.

What the original imports, a candidate may import too, except the clock: a program that reads it
can tell a timed run from a tested one. What the protected sources import and the original does
not define, a candidate must not define: it would stand in for the C library.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from coopbench.harness.base import Level
from coopbench.harness.benchmark import Benchmark
from coopbench.harness.foreign import Foreign
from coopbench.harness.model import Candidate, Recipe, Target
from coopbench.harness.toolchain.build import Builder
from coopbench.harness.toolchain.project import ALONE, Project
from coopbench.harness.toolchain.step import BuildFailure, Step, run_step
from coopbench.harness.verify.scan import CLOCK_IMPORTS, defined_and_needed

REPLAYED = (("main", "coopbench_main"), ("exit", "coopbench_exit"), ("_exit", "coopbench_exit"))
"""Symbols of a replayed program and what they become."""
STOPPED = tuple((name, f"coopbench_{name}") for name in sorted(CLOCK_IMPORTS - {"ftime"}))
"""Symbols of a program that times itself and what they become."""
DUMP_HEADER = "coopbench/dump.h"
"""Where a program that dumps its results finds our header in its tree."""


@dataclass(frozen=True)
class Around:
    """What is linked with a program's rewritable objects, and what follows from it."""

    objects: tuple[Path, ...]
    """The protected ones; empty if the program has none."""
    entries: tuple[str, ...]
    """Symbols of the rewritable sources that something else calls."""
    granted: frozenset[str]
    """Symbols a candidate may import beside those that any program may."""
    reserved: frozenset[str]
    """Symbols a candidate must not define."""

    def intrusions(self, own: Iterable[str]) -> tuple[str, ...]:
        """Return findings about symbols that a candidate defines, one line each."""
        taken = sorted(self.reserved.intersection(own))
        return tuple(
            f"defines {name!r}, which the protected sources expect from elsewhere" for name in taken
        )


def shim(name: str) -> str:
    """Return the text of one of our files that are compiled into programs of others."""
    return files("coopbench.harness.driver").joinpath(name).read_text("utf-8")


def make_around(
    builder: Builder, benchmark: Benchmark, foreign: Foreign, target: Target
) -> Around | BuildFailure:
    """Build a program's protected sources and its original, and return what follows.

    Args:
        builder: Bound to the program's project.
        benchmark: The program.
        foreign: What belongs to it beside the rewritable sources.
        target: For what.
    """
    texts = {f"protected_{name}": text for name, text in foreign.protected.items()}
    objects = _built(_for_protected(builder, foreign), benchmark, target, texts, "-O2")
    if isinstance(objects, BuildFailure):
        return objects
    shims = _built(builder.for_project(ALONE), benchmark, target, _shims(foreign), "-O2")
    if isinstance(shims, BuildFailure):
        return shims
    original = _built(builder, benchmark, target, benchmark.files, "-O0")
    if isinstance(original, BuildFailure):
        return original
    objects = (*objects, *shims)
    defined, needed = _symbols(original)
    ours, expected = _symbols(objects)
    entries = (expected & defined) | ({"main"} & defined)
    return Around(
        objects=objects,
        entries=tuple(sorted(entries)),
        granted=(needed | ours) - CLOCK_IMPORTS,
        reserved=expected - defined - ours - {new for _, new in REPLAYED},
    )


def renames_for(foreign: Foreign) -> tuple[tuple[str, str], ...]:
    """Return which symbols of a program's objects become calls of our shims."""
    replayed = REPLAYED if foreign.replay else ()
    return (*replayed, *(STOPPED if foreign.stopped_clock else ()))


def renamed(builder: Builder, path: Path, pairs: Iterable[tuple[str, str]]) -> Path | BuildFailure:
    """Return an object with other names for symbols that it defines or calls."""
    renames = tuple(f"--redefine-sym={old}={new}" for old, new in pairs)
    made = run_step(
        builder.context,
        Step(
            stage="link",
            tool=builder.compilers.toolkit.objcopy,
            args=(*renames, "in.o", "out.o"),
            inputs=(("in.o", path.read_bytes()),),
            output="out.o",
        ),
    )
    return made if isinstance(made, BuildFailure) else made.path


def _shims(foreign: Foreign) -> dict[str, str]:
    names = ["planted.c", *(["replay.c"] if foreign.replay else [])]
    if foreign.stopped_clock:
        names.append("stopped_clock.c")
    if DUMP_HEADER in foreign.project.forced:
        names.append("dump.c")
    return {f"coopbench_{name}": shim(name) for name in names}


def _for_protected(builder: Builder, foreign: Foreign) -> Builder:
    """Return a builder that knows the protected sources by the names they are built under."""
    p = foreign.project
    folders = {f"protected_{name}": folder for name, folder in p.folders.items()}
    return builder.for_project(Project(p.headers, p.flags, folders, p.include, p.forced))


def _built(
    builder: Builder, benchmark: Benchmark, target: Target, texts: dict[str, str], level: str
) -> tuple[Path, ...] | BuildFailure:
    if not any(name.endswith(".c") for name in texts):
        return ()
    candidate = Candidate(
        benchmark=benchmark.name,
        level=Level.C,
        files=texts,
        recipe=Recipe(frontend=(level,)),
        made_by="harness",
    )
    built = builder.build(candidate, target)
    return built if isinstance(built, BuildFailure) else built.objects


def _symbols(objects: Iterable[Path]) -> tuple[frozenset[str], frozenset[str]]:
    found = [defined_and_needed(path) for path in objects]
    defined = frozenset().union(*(d for d, _ in found))
    return defined, frozenset().union(*(n for _, n in found)) - defined
