"""Puts a run's parts together: tools found on this machine, one referee per benchmark and target."""

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from coopbench.harness.benchmark import Benchmark
from coopbench.harness.cases import Cases
from coopbench.harness.emulation.emulator import Emulator
from coopbench.harness.emulation.find import find_emulator
from coopbench.harness.errors import MissingToolError, UsageError
from coopbench.harness.executables import Executables, compiler_infos
from coopbench.harness.kernel_cases import KernelCases
from coopbench.harness.launch import Launcher, measuring_cpu
from coopbench.harness.machine.conditions import conditions
from coopbench.harness.model import Target, Tool, Toolchain
from coopbench.harness.optimizer import Optimizer, Surroundings
from coopbench.harness.program_cases import ProgramCases
from coopbench.harness.record import BenchmarkRecord, Machine, Unavailable
from coopbench.harness.referee import Referee
from coopbench.harness.sandbox.command import Sandbox
from coopbench.harness.sandbox.limits import Limits
from coopbench.harness.sandbox.probe import open_sandbox
from coopbench.harness.settings import Settings
from coopbench.harness.stored_cases import ReplayCases, StoredCases
from coopbench.harness.suite import Suite, left_out
from coopbench.harness.toolchain.build import Builder
from coopbench.harness.toolchain.cache import Cache, cache_home
from coopbench.harness.toolchain.confine import confine
from coopbench.harness.toolchain.discover import discover
from coopbench.harness.toolchain.host import find_target, read_host

AnyReferee = Referee[Any, Any]

_REMEDY = "mend the program or its manifest, or choose other targets"
LIMITS = Limits(wall_s=20.0, cpu_s=20.0)


@dataclass
class Hall:
    """Where judging takes place: everything that is shared by the trials of a run."""

    suite: Suite
    targets: tuple[Target, ...]
    builder: Builder
    sandbox: Sandbox
    emulators: Mapping[str, Emulator]
    """By architecture; those that were found."""
    machine: Machine
    secret: bytes
    unavailable: tuple[Unavailable, ...] = ()
    settings: Settings = field(default_factory=Settings)
    """How entrants reach a model."""
    _referees: dict[tuple[str, str], AnyReferee] = field(default_factory=dict)
    _locks: dict[tuple[str, str], threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def toolchains(self) -> tuple[Toolchain, ...]:
        """Fingerprints of all that turned sources into executables, per compiler and target."""
        made = [
            self.builder.toolchain(c.id, t)
            for t in self.targets
            for c in self.builder.compilers.all
            if t.arch in c.arches
        ]
        tools: dict[str, dict[str, Tool]] = {}
        for chain in made:
            tools.setdefault(chain.id, {}).update({t.name: t for t in chain.tools})
        return tuple(Toolchain(id=i, tools=tuple(found.values())) for i, found in tools.items())

    def benchmark(self, name: str) -> Benchmark:
        """Return a benchmark of the suite."""
        return next(b for b in self.suite.benchmarks if b.name == name)

    def benchmark_record(self, name: str) -> BenchmarkRecord:
        """Return what a report needs to know of a benchmark."""
        b = self.benchmark(name)
        m = b.manifest
        return BenchmarkRecord(
            name=name,
            kind=m.kind,
            title=m.title,
            group=m.group,
            why=m.why,
            room=m.room,
            float_policy=m.contract.float_policy if m.contract else None,
            digest=b.digest,
        )

    def referee(self, name: str, target: Target) -> AnyReferee:
        """Return the admitted referee of a benchmark on a target; made once.

        Raises:
            UsageError: if the benchmark is at fault.
        """
        key = (name, target.name)
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._referees:
                self._referees[key] = self._make(self.benchmark(name), target)
                self._referees[key].admit()
            return self._referees[key]

    def admitted(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the benchmarks that can be judged here, of those named.

        Programs of others that cannot are left out and join `unavailable`, so that one of them
        does not stop the rest; a benchmark of our own that cannot is an error.

        Raises:
            UsageError: if a benchmark of our own is at fault, or none is left.
        """
        bad: dict[str, Unavailable] = {}
        foreign = [n for n in names if self.benchmark(n).foreign is not None]
        for name, target in ((n, t) for n in foreign for t in self.targets):
            try:
                self.referee(name, target)
            except UsageError as e:
                what = f"program {name} on {target.name}"
                bad.setdefault(name, Unavailable(what=what, why=str(e), remedy=_REMEDY))
        self.unavailable = (*self.unavailable, *bad.values())
        good = tuple(name for name in names if name not in bad)
        if not good:
            raise UsageError(f"no program can be judged here, e.g. {next(iter(bad.values())).why}")
        return good

    def refused(self, entrant: Optimizer, target: Target) -> str | None:
        """Return why an entrant cannot take part on a target, None if it can."""
        return entrant.available(
            Surroundings(target, compiler_infos(self.builder.compilers, target), self.settings)
        )

    def close(self) -> None:
        """Delete every executable that was made here."""
        for referee in self._referees.values():
            referee.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _make(self, benchmark: Benchmark, target: Target) -> AnyReferee:
        emulator = self.emulators.get(target.arch)
        anywhere = Launcher(self.sandbox, target.emulated, emulator, LIMITS)
        cpu = None if target.emulated else measuring_cpu()
        cases = self._bound(benchmark, anywhere)
        timing = self._bound(benchmark, replace(anywhere, cpu=cpu))
        counting = None
        if emulator is not None and not target.emulated and target.march != "native":
            counting = self._bound(benchmark, replace(anywhere, emulated=True))
        executables = Executables(self.builder, benchmark, target)
        return Referee(benchmark, target, cases, timing, counting, executables, self.secret)

    def _bound(self, benchmark: Benchmark, launcher: Launcher) -> Cases[Any, Any]:
        return make_cases(benchmark, launcher, self.secret)


def make_cases(benchmark: Benchmark, launcher: Launcher, secret: bytes) -> Cases[Any, Any]:
    """Return the inputs of a benchmark, of the kind that it has, bound to a launcher."""
    if benchmark.is_kernel:
        return KernelCases(benchmark, launcher, secret)
    foreign = benchmark.foreign
    if foreign is None or not foreign.runs:
        return ProgramCases(benchmark, launcher, secret)
    kind = ReplayCases if foreign.replay else StoredCases
    return kind(benchmark, launcher, secret)


def open_hall(
    suite: Suite,
    targets: Sequence[str | Target],
    secret: bytes,
    settings: Settings | None = None,
    *,
    unsafe: bool,
) -> Hall:
    """Find the tools and the sandbox, and settle which targets can be judged here.

    Args:
        suite: The programs.
        targets: Names or targets; none means the default ones, of which those that cannot be
            run here are left out and named in `unavailable`.
        secret: The run's secret.
        settings: How entrants reach a model; default: no model is configured.
        unsafe: Do without a sandbox.

    Raises:
        UsageError: if a named target cannot be run here, a tool is missing, or there is no
            sandbox; each with its remedy.
    """
    host = read_host()
    wanted = [t if isinstance(t, Target) else find_target(t, host) for t in targets]
    sandbox = open_sandbox(unsafe=unsafe)
    builder = open_builder(sandbox)
    emulators, missing = _emulators()
    chosen, unavailable = [], []
    for target in wanted or default_targets():
        why = missing.get(target.arch) if target.emulated else None
        if why is None:
            chosen.append(target)
        elif wanted:
            raise MissingToolError(f"target {target.name} cannot be run here: {why}")
        else:
            what, _, remedy = why.partition(": ")
            unavailable.append(Unavailable(what=f"target {target.name}", why=what, remedy=remedy))
    if not chosen:
        raise UsageError("no target can be run here; see `coopbench doctor`")
    if len({t.name for t in chosen}) != len(chosen):
        raise UsageError("a target is named twice")
    return Hall(
        suite,
        tuple(chosen),
        builder,
        sandbox,
        emulators,
        conditions(),
        secret,
        (*unavailable, *left_out(suite)),
        settings or Settings(),
    )


def default_targets() -> tuple[Target, ...]:
    """Return the targets of the starter plan: both architectures, the host's own first."""
    host = read_host()
    names = ("x86-64-v2", "armv8-a") if host.arch == "x86_64" else ("armv8-a", "x86-64-v2")
    return tuple(find_target(name, host) for name in names)


def open_builder(sandbox: Sandbox | None = None) -> Builder:
    """Return a builder over the compilers of this machine.

    Args:
        sandbox: If it has bubblewrap, compilers are confined too: a candidate's text can make
            them read files (`#include`, `.incbin`).

    Raises:
        MissingToolError: if the pinned LLVM is not installed.
    """
    cache = Cache(cache_home(os.environ))
    compilers = discover(cache)
    bwrap = sandbox.bwrap if sandbox else None
    confinement = confine(compilers, bwrap.path) if bwrap else None
    return Builder(compilers, cache, read_host(), confinement=confinement)


def surroundings_of(target: Target, settings: Settings) -> Surroundings:
    """Return what entrants are told about a target on this machine."""
    return Surroundings(target, compiler_infos(open_builder().compilers, target), settings)


def _emulators() -> tuple[dict[str, Emulator], dict[str, str]]:
    found: dict[str, Emulator] = {}
    missing: dict[str, str] = {}
    for arch in ("x86_64", "aarch64"):
        try:
            found[arch] = find_emulator(arch)
        except MissingToolError as e:
            missing[arch] = str(e)
    return found, missing
