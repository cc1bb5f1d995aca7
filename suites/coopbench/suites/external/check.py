"""Builds, runs and verifies programs of others, and finds why one is no benchmark.

Every rule is one that is known to spoil results of public suites: work that the compiler deletes,
runs shorter than the clock's noise, results that depend on memory nobody wrote, on the compiler or
on the time of day. A program that breaks one is excluded by name, with the reason; the rest goes
on.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from coopbench.harness.base import Level
from coopbench.harness.benchmark import Benchmark
from coopbench.harness.cases import Batch, Cases, Conditions, Failure
from coopbench.harness.compose import Hall, make_cases
from coopbench.harness.errors import InfraError, UsageError
from coopbench.harness.executables import Executables, Made
from coopbench.harness.launch import Launcher
from coopbench.harness.measure.calibrate import MAX_WINDOW_S
from coopbench.harness.model import Candidate, Outcome, Recipe, Target
from coopbench.harness.program_input import ProgramInput
from coopbench.harness.sandbox.limits import Limits
from coopbench.harness.toolchain.step import BuildFailure
from coopbench.harness.verify.scan import CLOCK_IMPORTS
from coopbench.suites.external.load import UnfitError
from coopbench.suites.external.manifest import Excluded, Pitfall

SHORTEST_S = 1e-3
"""CPU seconds at -O3 below which a run cannot be timed."""
MOST_STARTUP = 0.2
"""Share of the CPU time that an empty program may take."""
MOST_REMOVED = 50.0
"""How many times faster than -O0 a program may be at -O2 before its work counts as deleted."""
OTHER_ENVIRONMENT = 4000
"""Bytes of environment that move the stack between two runs of one program."""
_TIMINGS = 3
_SECRET = b"suite check"
_PITFALLS: dict[Outcome, Pitfall] = {
    Outcome.TIMED_OUT: "does not terminate",
    Outcome.WRONG_OUTPUT: "wrong output",
}


@dataclass(frozen=True)
class Arm:
    """A way to build."""

    label: str
    recipe: Recipe


@dataclass(frozen=True)
class Checked:
    """What became of one program on one target."""

    program: str
    target: str
    verified: tuple[str, ...] = ()
    """Labels of the arms that built, ran and gave the results of -O0."""
    inputs: int = 0
    """Number of inputs that each of them was run on."""
    excluded: Excluded | None = None
    cpu_s: float | None = None
    """CPU seconds of one timed launch at -O3; None on an emulated target."""
    gain: float | None = None
    """CPU seconds at -O0 over those at -O2."""


@dataclass
class Checker:
    """Checks programs with the tools of a hall.

    Args:
        hall: Compilers, sandbox and emulators.
        limits: Of every launch; what outlasts them does not terminate.
    """

    hall: Hall
    limits: Limits
    _empty: dict[str, float] = field(default_factory=dict)

    def check(self, benchmark: Benchmark, target: Target) -> Checked:
        """Check one program on one target.

        Raises:
            InfraError: if the machine fails; whatever the program does is in the result.
        """
        executables = Executables(self.hall.builder, benchmark, target)
        cases = self._cases(benchmark, target)
        attempt = _Attempt(benchmark, target, executables, cases, self.arms(target))
        try:
            return attempt.checked(None if target.emulated else self.empty_s(target))
        except UnfitError as e:
            found = Excluded(name=benchmark.name, pitfall=e.pitfall, why=str(e), target=target.name)
            return replace(attempt.so_far, excluded=found)
        finally:
            cases.close()
            executables.close()

    def arms(self, target: Target) -> tuple[Arm, ...]:
        """Return the ways to build for a target: clang -O0 to -O3, and a second compiler."""
        own = [Arm(f"clang -O{n}", Recipe(frontend=(f"-O{n}",))) for n in range(4)]
        compilers = self.hall.builder.compilers
        second = compilers.newest("gcc", target.arch) or compilers.newest("clang", target.arch)
        if second is not None:
            recipe = Recipe(compiler=second.id, frontend=("-O2",))
            own.append(Arm(f"{second.kind} -O2", recipe))
        return tuple(own)

    def empty_s(self, target: Target) -> float:
        """Return the CPU seconds of a program that does nothing."""
        if target.name not in self._empty:
            candidate = Candidate(
                benchmark="empty",
                level=Level.C,
                files={"empty.c": "int main(void) { return 0; }\n"},
                made_by="harness",
            )
            built = self.hall.builder.build(candidate, target)
            if isinstance(built, BuildFailure):
                raise InfraError(f"an empty program does not build: {built.reason}")
            with tempfile.TemporaryDirectory(prefix="coopbench-") as folder:
                linked = self.hall.builder.link(built.objects, target, Path(folder) / "empty")
                if isinstance(linked, BuildFailure):
                    raise InfraError(f"an empty program does not link: {linked.reason}")
                item = ProgramInput("empty", (), b"")
                runs = [self._launcher(target).program(linked, item) for _ in range(_TIMINGS)]
            times = [run.launch.value for run in runs if not isinstance(run, Failure)]
            if not times:
                raise InfraError("an empty program does not run")
            self._empty[target.name] = min(times)
        return self._empty[target.name]

    def _launcher(self, target: Target) -> Launcher:
        emulator = self.hall.emulators.get(target.arch)
        return Launcher(self.hall.sandbox, target.emulated, emulator, self.limits)

    def _cases(self, benchmark: Benchmark, target: Target) -> Cases[Any, Any]:
        return make_cases(benchmark, self._launcher(target), _SECRET)


class _Attempt:
    """One program on one target; raises `UnfitError` at the first pitfall."""

    def __init__(
        self,
        benchmark: Benchmark,
        target: Target,
        executables: Executables,
        cases: Cases[Any, Any],
        arms: Sequence[Arm],
    ) -> None:
        self._benchmark = benchmark
        self._executables = executables
        self._cases = cases
        self._arms = arms
        self.so_far = Checked(benchmark.name, target.name)

    def checked(self, empty_s: float | None) -> Checked:
        made = {arm.label: self._made(arm.recipe) for arm in self._arms}
        self._scan(made["clang -O3"])
        batches = self._batches()
        expected = [self._results(made["clang -O0"], batch) for batch in batches]
        self._plain_exit(expected)
        self._deterministic(made["clang -O0"], batches, expected)
        for arm in self._arms:
            if arm.label != "clang -O0":
                self._agrees(made[arm.label], batches, expected, f"{arm.label} differs from -O0")
            verified = (*self.so_far.verified, arm.label)
            self.so_far = replace(self.so_far, verified=verified)
        self.so_far = replace(self.so_far, inputs=sum(b.size for b in batches))
        if empty_s is not None:
            self._worth_timing(made, empty_s)
        return self.so_far

    def _batches(self) -> tuple[Batch[Any], ...]:
        """Return every input once; a program with one stored run has it both open and hidden."""
        batches = (*self._cases.visible(), *self._cases.hidden(), *self._cases.edges())
        seen: set[str] = set()
        fresh = []
        for batch in batches:
            items = {item.label: item for item in self._cases.each(batch) if item.label not in seen}
            seen |= set(items)
            if items:
                fresh.append(self._cases.chosen(batch.label, tuple(items.values())))
        return tuple(fresh)

    def _made(self, recipe: Recipe) -> Made:
        candidate = Candidate(
            benchmark=self._benchmark.name,
            level=Level.C,
            files=self._benchmark.files,
            recipe=recipe,
            made_by="suite check",
        )
        try:
            made = self._executables.make(candidate)
        except UsageError as e:
            raise _unbuilt(str(e)) from None
        if isinstance(made, BuildFailure):
            raise _unbuilt(f"{' '.join(recipe.frontend)} ({recipe.compiler}): {made.reason}")
        return made

    def _scan(self, made: Made) -> None:
        findings = self._executables.scan(made.objects)
        clocks = [f for f in findings if _names_clock(f)]
        if clocks:
            raise UnfitError(
                "reads the clock",
                f'{clocks[0]}; put the timer into a protected source, or say clock = "stopped"',
            )
        if findings:
            raise UnfitError("forbidden", "; ".join(findings[:3]))

    def _results(self, made: Made, batch: Batch[Any]) -> Any:
        got = self._cases.run(made.exe, batch)
        if isinstance(got, Failure):
            raise _failed(got)
        return got

    def _plain_exit(self, results: Sequence[Any]) -> None:
        """Refuse a program that reports an error where nothing says that it should."""
        foreign = self._benchmark.foreign
        stored = foreign.runs.values() if foreign is not None else ()
        if any(r.expected and r.expected.exit_code is not None for runs in stored for r in runs):
            return
        codes = {output.exit_code for outputs in results for output in outputs} - {0}
        if codes:
            raise UnfitError("fails", f"exit status {min(codes)}, and the manifest expects none")

    def _deterministic(
        self, made: Made, batches: Sequence[Batch[Any]], expected: Sequence[Any]
    ) -> None:
        """Compare runs whose memory differs where no program may look."""
        self._agrees(made, batches, expected, "two runs differ", "not deterministic")
        for value in ("zero", "pattern"):
            recipe = Recipe(frontend=("-O0", f"-ftrivial-auto-var-init={value}"))
            poisoned = self._made(recipe)
            why = f"with variables set to a {value} the output differs: one is read unwritten"
            self._agrees(poisoned, batches, expected, why, "not deterministic")
        batch = self._cases.timed("environment", 1, 1)
        runs = [
            self._cases.time(made.exe, batch, Conditions(env_bytes=n))
            for n in (0, OTHER_ENVIRONMENT)
        ]
        here, there = (_unfailed(run)[0] for run in runs)
        found = self._cases.difference(batch, here, there)
        if found is not None:
            raise UnfitError(
                "not deterministic", f"it depends on the size of the environment ({found.where})"
            )

    def _agrees(
        self,
        made: Made,
        batches: Sequence[Batch[Any]],
        expected: Sequence[Any],
        why: str,
        pitfall: Pitfall = "differs by compiler",
    ) -> None:
        for batch, want in zip(batches, expected, strict=True):
            got = self._cases.run(made.exe, batch)
            if isinstance(got, Failure):
                raise UnfitError(pitfall, f"{why}: {got.detail}")
            found = self._cases.difference(batch, want, got)
            if found is not None:
                where = f"{found.where}: {found.expected}, then {found.got}"
                raise UnfitError(pitfall, f"{why}; {where} ({found.workload})")

    def _worth_timing(self, made: dict[str, Made], empty_s: float) -> None:
        batch = self._cases.timed("timed", 1, 1)

        def seconds(label: str, times: int = _TIMINGS) -> float:
            exe = made[label].exe
            runs = (self._cases.time(exe, batch, Conditions()) for _ in range(times))
            return min(float(_unfailed(run)[1].value) for run in runs)

        fast, plain, best = seconds("clang -O2"), seconds("clang -O0", 1), seconds("clang -O3")
        gain = plain / max(fast, 1e-6)
        self.so_far = replace(self.so_far, cpu_s=best, gain=gain)
        for pitfall, why in _time_pitfalls(gain, best, empty_s):
            raise UnfitError(pitfall, why)


def _time_pitfalls(gain: float, best_s: float, empty_s: float) -> Iterator[tuple[Pitfall, str]]:
    if gain > MOST_REMOVED:
        yield "no work left", f"-O2 is {gain:.0f} times faster than -O0: the work was deleted"
    if best_s < SHORTEST_S:
        yield "too short", f"{1e3 * best_s:.2f} ms at -O3, less than {1e3 * SHORTEST_S:g} ms"
    if best_s > MAX_WINDOW_S:
        yield (
            "too long",
            f"{best_s:.2f} s at -O3, more than {MAX_WINDOW_S:g} s; choose a smaller size",
        )
    if empty_s > MOST_STARTUP * best_s:
        share = 100 * empty_s / best_s
        yield "start-up bound", f"an empty program takes {share:.0f} % of its {1e3 * best_s:.2f} ms"


def check_all(
    checker: Checker,
    benchmarks: Sequence[Benchmark],
    targets: Sequence[Target],
    done: Callable[[Checked], None],
) -> tuple[Checked, ...]:
    """Check programs on targets one after the other; each result is also told as it comes.

    Raises:
        InfraError: if the machine fails.
    """
    found = []
    for benchmark in benchmarks:
        for target in targets:
            checked = checker.check(benchmark, target)
            done(checked)
            found.append(checked)
    return tuple(found)


def _unbuilt(message: str) -> UnfitError:
    missing = "file not found" in message or "No such file" in message
    return UnfitError("missing header" if missing else "does not build", message)


def _failed(failure: Failure) -> UnfitError:
    where = f" ({failure.workload})" if failure.workload else ""
    pitfall = _PITFALLS.get(failure.outcome, "fails")
    return UnfitError(pitfall, f"{failure.detail}{where}")


def _unfailed(run: tuple[Any, Any] | Failure) -> tuple[Any, Any]:
    if isinstance(run, Failure):
        raise _failed(run)
    return run


def _names_clock(finding: str) -> bool:
    return any(f"imports {name!r}" in finding for name in CLOCK_IMPORTS)
