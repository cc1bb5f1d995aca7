"""The builder: a candidate and a target in, objects and executables out."""

import copy
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from coopbench.harness.base import Level
from coopbench.harness.errors import MissingToolError
from coopbench.harness.model import Candidate, Recipe, Target, Toolchain
from coopbench.harness.toolchain.cache import Cache, content_key
from coopbench.harness.toolchain.chain import merge
from coopbench.harness.toolchain.compilers import Arch, Compiler, Compilers
from coopbench.harness.toolchain.fingerprint import toolchain
from coopbench.harness.toolchain.host import Host
from coopbench.harness.toolchain.link import Layout, link_static
from coopbench.harness.toolchain.pgo import link_instrumented, merge_raw
from coopbench.harness.toolchain.pipeline import Work, lower, unsuitable
from coopbench.harness.toolchain.policy import objection
from coopbench.harness.toolchain.process import Confinement, Limits
from coopbench.harness.toolchain.project import ALONE, Project
from coopbench.harness.toolchain.runtime import Runtime, ensure_runtime
from coopbench.harness.toolchain.setting import Isa, Setting
from coopbench.harness.toolchain.step import BuildFailure, Context

_NATIVE = "native"


@dataclass(frozen=True)
class Built:
    """A candidate's objects."""

    objects: tuple[Path, ...]
    """In canonical order; files of the cache, never to be changed."""
    assembly: tuple[str, ...]
    """The assembly each object was made from."""
    sha256: str
    """Hash over the objects in their order."""
    seconds: float
    """Wall seconds spent in compilers now; 0 if everything came from the cache."""
    cost_s: float
    """Wall seconds that compilers took when it was made."""
    toolchain: Toolchain
    """Everything that turns the text into an executable."""


class Builder:
    """Builds candidates; safe to use from several threads and processes.

    Args:
        compilers: What `discover` found.
        cache: Where results are kept.
        host: The host's processor, on which `-march=native` depends.
        limits: What one run of a tool may use.
        confinement: Keeps compilers away from the user's files while they read candidates' text.
    """

    def __init__(
        self,
        compilers: Compilers,
        cache: Cache,
        host: Host,
        *,
        limits: Limits | None = None,
        confinement: Confinement | None = None,
    ) -> None:
        self.compilers = compilers
        self.context = Context(compilers, cache, limits or Limits(), confinement)
        self.host = host
        self.project = ALONE
        self._runtimes: dict[Arch, Runtime] = {}
        self._lock = threading.Lock()

    def build(
        self,
        candidate: Candidate,
        target: Target,
        *,
        entries: Sequence[str] = ("main",),
        profiles: Mapping[str, bytes] | None = None,
    ) -> Built | BuildFailure:
        """Build a candidate's objects as its recipe says.

        Args:
            candidate: What to build, at any level.
            target: For what.
            entries: Symbols that link-time optimization must keep: the kernel's function, or main.
            profiles: Profiles that recipes name, by SHA-256.

        Raises:
            UsageError: if the recipe names a compiler that is not on this machine.
            InfraError: if the machine, not the candidate, is at fault.
        """
        work = self.work(candidate, target, entries=entries, profiles=profiles)
        return work if isinstance(work, BuildFailure) else self._finish(work, target)

    def work(
        self,
        candidate: Candidate,
        target: Target,
        *,
        entries: Sequence[str] = ("main",),
        profiles: Mapping[str, bytes] | None = None,
    ) -> Work | BuildFailure:
        """Return what constituents need to work on a candidate, or why its recipe is refused.

        Args and errors are those of `build`.
        """
        compiler = self.compilers.get(candidate.recipe.compiler)
        problem = self._objection(candidate, compiler, target, profiles or {})
        if problem is not None:
            return BuildFailure("recipe", problem)
        return Work(
            candidate,
            self.setting(candidate.recipe, target),
            profile=(profiles or {}).get(candidate.recipe.profile or ""),
            entries=tuple(entries),
            project=self.project,
        )

    def for_project(self, project: Project) -> "Builder":
        """Return a builder whose C sources belong to a larger program; all else is shared."""
        bound = copy.copy(self)
        bound.project = project
        return bound

    def link(
        self, objects: Sequence[Path], target: Target, out: Path, layout: Layout | None = None
    ) -> Path | BuildFailure:
        """Link objects into the static executable `out`.

        Args:
            objects: The objects in canonical order, e.g. the driver's and the candidate's.
            target: What they were built for.
            out: The executable to write.
            layout: A random layout; None or no seed: the canonical order, kept in the cache.

        Raises:
            InfraError: if the machine, not the objects, is at fault.
        """
        return link_static(self.context, self.runtime(target.arch), objects, out, layout)

    def build_instrumented(
        self,
        candidate: Candidate,
        target: Target,
        out: Path,
        *,
        main_objects: Sequence[Path] = (),
    ) -> Path | BuildFailure:
        """Build the executable `out` that counts how often each part of the candidate runs.

        When it exits normally it writes a raw profile where LLVM_PROFILE_FILE says.

        Args:
            candidate: At level C or IR, with the recipe that is to use the profile later.
            target: What `training_target` returned for the real target.
            out: The executable to write.
            main_objects: The objects around a kernel, built for the same target.

        Raises:
            MissingToolError: if the recipe's compiler cannot make profiles.
            InfraError: if the machine, not the candidate, is at fault.
        """
        compiler = self._profiling(candidate.recipe.compiler)
        plain = candidate.recipe.model_copy(update={"profile": None})
        candidate = candidate.model_copy(update={"recipe": plain})
        problem = self._objection(candidate, compiler, target, {})
        if problem is not None:
            return BuildFailure("recipe", problem)
        lowered = lower(
            Work(candidate, self.setting(plain, target), instrument=True, project=self.project)
        )
        if isinstance(lowered, BuildFailure):
            return lowered
        objects = (*main_objects, *(product.last.path for product in lowered))
        setting = self.setting(Recipe(compiler=compiler.id), target)
        return link_instrumented(setting, self.runtime(target.arch), objects, out)

    def merge_profiles(self, raw: Iterable[bytes], compiler_id: str) -> bytes | BuildFailure:
        """Merge raw profiles into one indexed profile, as `build` takes it.

        Args:
            raw: Contents of raw profiles that the same instrumented executable wrote.
            compiler_id: The compiler that made the executable.

        Raises:
            MissingToolError: if that compiler cannot make profiles.
        """
        return merge_raw(self.context, self._profiling(compiler_id), raw)

    def training_target(self, target: Target) -> Target:
        """Return the target to train for: the same, or the host if the target is emulated."""
        if target.arch == self.host.arch:
            return target
        march = "x86-64" if self.host.arch == "x86_64" else "armv8-a"
        return Target(name="training", arch=self.host.arch, march=march, emulated=False)

    def runtime(self, arch: Arch) -> Runtime:
        """Return the C library for an architecture; the first time ever takes about a minute."""
        with self._lock:
            if arch not in self._runtimes:
                context = self.context
                made = ensure_runtime(context.compilers.toolkit, arch, context.cache)
                self._runtimes[arch] = made
            return self._runtimes[arch]

    def toolchain(self, compiler_id: str, target: Target) -> Toolchain:
        """Return the fingerprint of all that turns a text into an executable for the target."""
        compiler = self.compilers.get(compiler_id)
        assembler = compiler if compiler.kind == "clang" else self.compilers.pinned
        shared = toolchain("", (assembler.driver, self.compilers.toolkit.lld)).tools
        own = {tool.name: tool for tool in (*shared, *compiler.toolchain.tools)}
        runtime = self.runtime(target.arch).tool
        tools = sorted((*own.values(), runtime), key=lambda tool: tool.name)
        return Toolchain(id=compiler.id, tools=tuple(tools))

    def setting(self, recipe: Recipe, target: Target) -> Setting:
        """Return compiler and instruction set of a recipe, for calling constituents by hand."""
        march = recipe.march or target.march
        cpu = self.host.cpu if march == _NATIVE else ""
        compiler = self.compilers.get(recipe.compiler)
        return Setting(self.context, compiler, Isa(target.arch, march, cpu))

    def _finish(self, work: Work, target: Target) -> Built | BuildFailure:
        lowered = lower(work)
        if isinstance(lowered, BuildFailure):
            return lowered
        if work.candidate.level is Level.ASM:
            assembly = tuple(data.decode() for _, data in work.files)
        else:
            assembly = tuple(product.made[-2].text() for product in lowered)
        total = merge(lowered)
        return Built(
            objects=tuple(product.last.path for product in lowered),
            assembly=assembly,
            sha256=content_key([product.last.sha256 for product in lowered]),
            seconds=total.seconds,
            cost_s=total.cost_s,
            toolchain=self.toolchain(work.recipe.compiler, target),
        )

    def _objection(
        self,
        candidate: Candidate,
        compiler: Compiler,
        target: Target,
        profiles: Mapping[str, bytes],
    ) -> str | None:
        recipe = candidate.recipe
        if target.arch not in compiler.arches:
            return f"{compiler.id} makes no code for {target.arch}"
        if (recipe.march or target.march) == _NATIVE and target.arch != self.host.arch:
            return f"march native means this host, which is not {target.arch}"
        if recipe.profile is not None and recipe.profile not in profiles:
            return f"profile {recipe.profile[:16]} is not at hand"
        return objection(candidate) or unsuitable(candidate, compiler)

    def _profiling(self, compiler_id: str) -> Compiler:
        compiler = self.compilers.get(compiler_id)
        if not compiler.features.pgo:
            able = ", ".join(c.id for c in self.compilers.all if c.features.pgo)
            remedy = f"use {able}" if able else "install clang, llvm and libclang-rt-dev (Debian)"
            raise MissingToolError(f"{compiler_id} cannot make profiles here; {remedy}")
        return compiler
