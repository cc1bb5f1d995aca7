"""From a candidate's text to executables: objects, canonical link, and layouts for timing."""

import contextlib
import hashlib
import itertools
import os
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from coopbench.harness.base import Level
from coopbench.harness.benchmark import Benchmark
from coopbench.harness.driver.render import driver_source
from coopbench.harness.errors import InfraError, UsageError
from coopbench.harness.model import Candidate, Recipe, Target
from coopbench.harness.optimizer import CompilerInfo
from coopbench.harness.surroundings import Around, make_around, renamed, renames_for
from coopbench.harness.toolchain.build import Builder
from coopbench.harness.toolchain.compilers import Compilers
from coopbench.harness.toolchain.disassembly import disassemble
from coopbench.harness.toolchain.link import Layout, canonical_hash
from coopbench.harness.toolchain.step import BuildFailure, Step, run_step
from coopbench.harness.tools.parts import Parts
from coopbench.harness.verify.scan import defined_and_needed, scan_object


@dataclass(frozen=True)
class Made:
    """A candidate as it is run."""

    objects: tuple[Path, ...]
    """The candidate's objects; a kernel's export nothing but the kernel."""
    exe: Path
    """Executable in canonical layout."""
    sha256: str
    """Of what the executable loads: equal hashes mean the same program."""
    seconds: float
    """Wall seconds in compilers; 0 if all came from the cache."""


class Executables:
    """Builds and links candidates of one benchmark for one target.

    Args:
        builder: Runs the compilers.
        benchmark: Whose driver is linked in, if it is a kernel.
        target: For what.
    """

    def __init__(self, builder: Builder, benchmark: Benchmark, target: Target) -> None:
        self._foreign = benchmark.foreign
        self._builder = (
            builder.for_project(self._foreign.project) if self._foreign is not None else builder
        )
        self._benchmark = benchmark
        self._target = target
        self._folder = tempfile.TemporaryDirectory(prefix="coopbench-")
        # Links take place while no window is open, so they may use every processor.
        everywhere = os.sched_getaffinity(0)
        self._pool = ThreadPoolExecutor(
            2, "link", initializer=os.sched_setaffinity, initargs=(0, everywhere)
        )
        self._profiles: dict[str, bytes] = {}
        self._serial = itertools.count()

    def close(self) -> None:
        """Stop linking and delete every executable."""
        self._pool.shutdown(cancel_futures=True)
        self._folder.cleanup()

    @property
    def compilers(self) -> Compilers:
        """The compilers of this machine."""
        return self._builder.compilers

    @property
    def entry(self) -> str:
        """The symbol a candidate must define."""
        return self._benchmark.contract.function if self._benchmark.is_kernel else "main"

    @property
    def parts(self) -> Parts:
        """What the workbench's tools work with."""
        return Parts(
            self._builder,
            self._benchmark,
            self._target,
            self.entry,
            self._profiles,
            self._driver,
            self.entries,
        )

    @property
    def entries(self) -> tuple[str, ...]:
        """The symbols of which a candidate must define one at least, and keep all."""
        return self._around.entries if self._foreign is not None else (self.entry,)

    def make(self, candidate: Candidate) -> Made | BuildFailure:
        """Build a candidate and link it in canonical layout.

        Raises:
            InfraError: if the machine is at fault.
        """
        built = self._builder.build(
            candidate, self._target, entries=self.entries, profiles=self._profiles
        )
        if isinstance(built, BuildFailure):
            return built
        wanted = set(self.entries)
        if not any(wanted & defined_and_needed(o)[0] for o in built.objects):
            names = " or ".join(map(repr, self.entries))
            return BuildFailure("link", f"error: nothing defines the function {names}")
        objects = self._own(built.objects)
        if isinstance(objects, BuildFailure):
            return objects
        linked = self.link(objects, self._path(objects), None)
        if isinstance(linked, BuildFailure):
            return linked
        return Made(objects, linked, canonical_hash(linked), built.seconds)

    def scan(self, objects: tuple[Path, ...]) -> tuple[str, ...]:
        """Return what the objects must not contain, one line each."""
        kernel = self._benchmark.is_kernel
        own = frozenset().union(*(defined_and_needed(o)[0] for o in objects))
        findings: list[str] = []
        if self._foreign is not None:
            findings += self._around.intrusions(own)
            own |= self._around.granted
        for path in objects:
            text = disassemble(self._builder.context, path)
            findings += scan_object(path, text, kernel=kernel, own=own)
        return tuple(findings)

    def link(self, objects: tuple[Path, ...], out: Path, seed: int | None) -> Path | BuildFailure:
        """Link a candidate's objects, with the driver if it is a kernel, in a layout."""
        return self._builder.link((*self._driver, *objects), self._target, out, Layout(seed))

    def link_layout(self, objects: tuple[Path, ...], seed: int) -> "Future[Path]":
        """Start linking a throw-away layout in the background."""
        return self._pool.submit(self._linked, objects, seed)

    def train(self, recipe: Recipe, out: Path) -> Path | BuildFailure:
        """Build the original with counters, as an executable that writes a profile at exit."""
        original = Candidate(
            benchmark=self._benchmark.name,
            level=Level.C,
            files=self._benchmark.files,
            recipe=recipe,
            made_by="profiling",
        )
        return self._builder.build_instrumented(
            original, self._target, out, main_objects=self._training_driver
        )

    def add_profile(self, raw: list[bytes], compiler: str) -> str | BuildFailure:
        """Merge raw profiles and keep the result; return its SHA-256 for `Recipe.profile`."""
        merged = self._builder.merge_profiles(raw, compiler)
        if isinstance(merged, BuildFailure):
            return merged
        sha256 = hashlib.sha256(merged).hexdigest()
        self._profiles[sha256] = merged
        return sha256

    @cached_property
    def _driver(self) -> tuple[Path, ...]:
        return self._compiled_driver(emulated=self._target.emulated, training=False)

    @cached_property
    def _training_driver(self) -> tuple[Path, ...]:
        return self._compiled_driver(emulated=self._target.emulated, training=True)

    def _compiled_driver(self, *, emulated: bool, training: bool) -> tuple[Path, ...]:
        if self._foreign is not None:
            # A replayed program is trained input by input, so with its own main.
            return () if training and self._foreign.replay else self._around.objects
        if not self._benchmark.is_kernel:
            return ()
        source = driver_source(self._benchmark.contract, emulated=emulated, training=training)
        driver = Candidate(
            benchmark=self._benchmark.name,
            level=Level.C,
            files={"driver.c": source},
            recipe=Recipe(frontend=("-O2",)),
            made_by="harness",
        )
        built = self._builder.build(driver, self._target)
        if isinstance(built, BuildFailure):
            raise InfraError(f"the generated driver does not compile: {built.reason}")
        return built.objects

    @cached_property
    def _around(self) -> Around:
        assert self._foreign is not None
        made = make_around(self._builder, self._benchmark, self._foreign, self._target)
        if isinstance(made, BuildFailure):
            raise UsageError(
                f"benchmark {self._benchmark.name!r} does not build for {self._target.name}: "
                f"{made.reason}"
            )
        return made

    def _own(self, objects: tuple[Path, ...]) -> tuple[Path, ...] | BuildFailure:
        """Hide every symbol of a kernel but the kernel, so that it cannot stand in for libc."""
        if self._foreign is not None:
            return self._renamed(objects, renames_for(self._foreign))
        if not self._benchmark.is_kernel:
            return objects
        hidden = []
        for path in objects:
            made = run_step(
                self._builder.context,
                Step(
                    stage="link",
                    tool=self.compilers.toolkit.objcopy,
                    args=(f"--keep-global-symbol={self.entry}", "in.o", "out.o"),
                    inputs=(("in.o", path.read_bytes()),),
                    output="out.o",
                ),
            )
            if isinstance(made, BuildFailure):
                return made
            hidden.append(made.path)
        return tuple(hidden)

    def _renamed(
        self, objects: tuple[Path, ...], pairs: tuple[tuple[str, str], ...]
    ) -> tuple[Path, ...] | BuildFailure:
        if not pairs:
            return objects
        found = []
        for path in objects:
            made = renamed(self._builder, path, pairs)
            if isinstance(made, BuildFailure):
                return made
            found.append(made)
        return tuple(found)

    def _linked(self, objects: tuple[Path, ...], seed: int) -> Path:
        out = self._path(objects, f"{seed:x}-{next(self._serial)}")
        linked = self.link(objects, out, seed)
        if isinstance(linked, BuildFailure):
            raise InfraError(f"a layout of a linked program does not link: {linked.reason}")
        return linked

    def _path(self, objects: tuple[Path, ...], layout: str = "canonical") -> Path:
        key = hashlib.sha256("\0".join(map(str, objects)).encode()).hexdigest()[:20]
        return Path(self._folder.name) / f"{key}-{layout}"


@dataclass
class LinkedLayouts:
    """Layouts of one arm, linked ahead of time on the building processor."""

    executables: Executables
    objects: tuple[Path, ...]
    _coming: "dict[int, Future[Path]]" = field(default_factory=dict)

    def prefetch(self, seed: int) -> None:
        """Start linking a layout."""
        self._coming[seed] = self.executables.link_layout(self.objects, seed)

    def take(self, seed: int) -> Path:
        """Return the executable of a layout."""
        if seed not in self._coming:
            self.prefetch(seed)
        return self._coming[seed].result()

    def drop(self, seed: int) -> None:
        """Delete a layout."""
        future = self._coming.pop(seed, None)
        if future is not None and not future.cancel():
            with contextlib.suppress(InfraError):
                future.result().unlink(missing_ok=True)

    def close(self) -> None:
        """Delete what was linked ahead and not used."""
        for seed in list(self._coming):
            self.drop(seed)


class SharedLayouts:
    """Layouts of the baseline, each linked once and used by every measurement of a benchmark.

    Within a measurement every block has a fresh layout; block n of all measurements has the same
    one, which halves the linking and correlates only what is corrected for any dependence.

    Args:
        executables: Links.
        objects: The baseline's objects.
    """

    def __init__(self, executables: Executables, objects: tuple[Path, ...]) -> None:
        self._executables = executables
        self._objects = objects
        self._made: dict[int, Future[Path]] = {}

    def prefetch(self, seed: int) -> None:
        """Start linking a layout, unless it was linked before."""
        if seed not in self._made:
            self._made[seed] = self._executables.link_layout(self._objects, seed)

    def take(self, seed: int) -> Path:
        """Return the executable of a layout."""
        self.prefetch(seed)
        return self._made[seed].result()

    def drop(self, seed: int) -> None:
        """Keep it: other measurements use it too."""

    def close(self) -> None:
        """Keep all: they go with the executables' folder."""


def compiler_infos(compilers: Compilers, target: Target) -> tuple[CompilerInfo, ...]:
    """Return the compilers that can build for a target, as entrants see them."""
    return tuple(
        CompilerInfo(
            id=c.id,
            family=c.kind,
            version=c.version,
            features=frozenset(n for n in ("lto", "pgo", "polly") if getattr(c.features, n)),
        )
        for c in compilers.all
        if target.arch in c.arches
    )
