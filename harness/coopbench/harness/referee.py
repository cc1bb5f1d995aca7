"""The referee of one benchmark on one target: builds, verifies, and opens measurements."""

import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Generic

from coopbench.harness.base import Level
from coopbench.harness.benchmark import Benchmark
from coopbench.harness.cases import Batch, Cases, Conditions, Failure, Inputs, Observed
from coopbench.harness.errors import InfraError, UsageError
from coopbench.harness.executables import Executables, LinkedLayouts, SharedLayouts
from coopbench.harness.measure.calibrate import calibrate_reps, calibrate_work
from coopbench.harness.measure.decision import StopRule
from coopbench.harness.measure.pairs import PairSession, Setup
from coopbench.harness.model import (
    Block,
    Candidate,
    Evidence,
    Outcome,
    Recipe,
    Rung,
    Target,
    Verdict,
)
from coopbench.harness.proposals import ProposedWorkloads
from coopbench.harness.toolchain.step import BuildFailure
from coopbench.harness.tools.public_counts import PublicCounts
from coopbench.harness.verify.ladder import Ladder, Reference
from coopbench.harness.verify.prelude import with_prototype
from coopbench.harness.workload import derive_seed

BASELINE = Recipe()
"""clang -O3 of the pinned LLVM: the recipe that every speedup refers to."""
REFERENCE = Recipe(frontend=("-O0",))
"""What defines correct results."""
COUNTED_CALLS = 3
"""Calls of the longer of the two launches whose counts are subtracted."""


@dataclass(frozen=True)
class Examined:
    """A candidate after building, scanning and verification."""

    candidate: Candidate
    verdict: Verdict
    objects: tuple[Path, ...] = ()
    exe: Path | None = None
    exe_sha256: str | None = None
    build_s: float = 0.0
    failure: BuildFailure | None = None
    """What the compiler said, if it is the build that failed."""


class Referee(Generic[Inputs, Observed]):
    """Judges candidates of one benchmark on one target.

    Args:
        benchmark: What is judged.
        target: Where it runs.
        cases: Inputs, bound to a launcher for the target.
        timing: The same, bound to a launcher on the measuring processor.
        counting: The same inputs, bound to a launcher that counts; None if nothing counts here.
        executables: Builds and links.
        secret: The run's secret.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a judgement needs
        self,
        benchmark: Benchmark,
        target: Target,
        cases: Cases[Inputs, Observed],
        timing: Cases[Inputs, Observed],
        counting: Cases[Inputs, Observed] | None,
        executables: Executables,
        secret: bytes,
    ) -> None:
        self.benchmark = benchmark
        self.target = target
        self.executables = executables
        self._cases = cases
        self._timing = timing
        self._counting = counting
        self._secret = secret
        self._lock = threading.Lock()
        self._verdicts: dict[str, Verdict] = {}
        self._counts: dict[str, float | Failure] = {}

    def close(self) -> None:
        """Delete executables and release memory."""
        self.executables.close()
        for cases in (self._cases, self._timing, self._counting):
            if cases is not None:
                cases.close()

    def admit(self) -> None:
        """Check the benchmark itself, and make what every judgement needs.

        Raises:
            UsageError: if the benchmark is at fault; the message names it and the remedy.
        """
        self._reference.admit()
        verdict = self.baseline.verdict
        if not verdict.passed:
            found = verdict.counterexample
            where = f" ({found.workload})" if found else ""
            raise UsageError(
                f"benchmark {self.benchmark.name!r}: clang -O3 already disagrees with -O0 on "
                f"{self.target.name}: {verdict.reason}{where}; the program has undefined behaviour "
                "or its contract allows too much"
            )
        if not self.target.emulated:
            _ = self.reps

    @cached_property
    def baseline(self) -> Examined:
        """The baseline, examined like any candidate."""
        return self.examine(self._original(BASELINE))

    @cached_property
    def public_counts(self) -> PublicCounts[Inputs, Observed]:
        """Counts on one public input, which steer searches; judged are those on secret inputs."""
        cases = self._cases if self.target.emulated else self._counting
        return PublicCounts(cases, self.benchmark.name)

    @cached_property
    def reps(self) -> int:
        """Calls per timed launch."""
        seed = derive_seed(self._secret, "calibrate", self.benchmark.name)
        most = self._cases.most_reps()
        return calibrate_reps(
            self._cases, self._exe(self.baseline), seed, most, self.benchmark.name
        )

    def examine(self, candidate: Candidate) -> Examined:
        """Build, scan and verify a candidate.

        Raises:
            InfraError: if the machine fails; a candidate's failure is in the verdict.
        """
        built = self._build(candidate)
        if built.verdict.outcome is not None or built.exe_sha256 is None:
            return built
        with self._lock:
            known = self._verdicts.get(built.exe_sha256)
        verdict = known or self._ladder.verify(self._exe(built), built.verdict.evidence)
        with self._lock:
            self._verdicts[built.exe_sha256] = verdict
        return _with_verdict(built, verdict)

    def proposals(self) -> ProposedWorkloads[Inputs, Observed]:
        """Return the (still empty) tests that one trial may add to its visible ones."""
        baseline = self._exe(self.baseline)
        return ProposedWorkloads(
            self.benchmark,
            self._cases,
            reference=self._reference.attempt,
            baseline=lambda batch: self._cases.run(baseline, batch),
        )

    def check_visible(self, candidate: Candidate, extra: tuple[Batch[Inputs], ...] = ()) -> Verdict:
        """Build, scan, and verify on the visible inputs only, and on what a trial added to them."""
        built = self._build(candidate)
        if built.verdict.outcome is not None:
            return built.verdict
        return self._ladder.check_visible(self._exe(built), extra)

    def build(self, candidate: Candidate) -> Examined:
        """Build and scan a candidate without running it."""
        return self._build(candidate)

    def quick_cost(self, candidate: Candidate, launches: int) -> float | None:
        """Return a search-time estimate of a candidate's cost; None if it fails. Never reported."""
        built = self._build(candidate)
        if built.exe is None or built.verdict.outcome is not None:
            return None
        if self.target.emulated:
            return self.public_counts.instructions(built.exe, built.exe_sha256 or "")
        values = []
        for _ in range(launches):
            run = self._cases.time(built.exe, self._cost_batch, Conditions())
            if isinstance(run, Failure):
                return None
            values.append(run[1].value)
        return min(values)

    def train(self, recipe: Recipe) -> str | BuildFailure:
        """Profile the original on the visible inputs; return the value for `Recipe.profile`.

        Raises:
            InfraError: if the instrumented original fails.
        """
        with tempfile.TemporaryDirectory(prefix="coopbench-profile-") as name:
            folder = Path(name) / "out"
            folder.mkdir()
            folder.chmod(0o777)  # the subject runs as nobody
            exe = self.executables.train(recipe, Path(name) / "instrumented")
            if isinstance(exe, BuildFailure):
                return exe
            failure = self._cases.train(exe, folder)
            if failure is not None:
                raise InfraError(f"the instrumented original failed: {failure.detail}")
            raw = [p.read_bytes() for p in sorted(folder.iterdir())]
        if not raw:
            raise InfraError("the instrumented original wrote no profile")
        return self.executables.add_profile(raw, recipe.compiler)

    def is_baseline(self, examined: Examined) -> bool:
        """Whether the executable equals the baseline's, byte for byte."""
        return examined.exe_sha256 == self.baseline.exe_sha256

    def session(
        self, key: str, examined: Examined, rule: StopRule, blocks: Iterable[Block], slowdown: float
    ) -> PairSession[Inputs, Observed]:
        """Open (or resume) a paired measurement of an examined candidate."""
        extra = 0
        if slowdown:
            seed = derive_seed(self._secret, "planted", self.benchmark.name)
            extra = calibrate_work(
                self._timing, self._exe(self.baseline), seed, self.reps, slowdown
            )
        setup = Setup(
            key=key,
            layout_key=f"{self.benchmark.name} {self.target.name}",
            secret=self._secret,
            cases=self._timing,
            reference=self._reference.fresh,
            baseline=self._baseline_layouts,
            candidate=LinkedLayouts(self.executables, examined.objects),
            rule=rule,
            reps=self.reps,
            extra_work=extra,
        )
        return PairSession(setup, blocks)

    def count(self, examined: Examined) -> tuple[float, float] | Failure:
        """Return instructions of the baseline and of the candidate on the same secret inputs.

        Raises:
            InfraError: if the baseline cannot be counted.
        """
        baseline = self._count(self.baseline)
        if isinstance(baseline, Failure):
            raise InfraError(f"the baseline cannot be counted: {baseline.detail}")
        candidate = self._count(examined)
        return candidate if isinstance(candidate, Failure) else (baseline, candidate)

    def cross_check(self, examined: Examined) -> tuple[float, float] | None:
        """Return the counts if they can be had: the emulator may lack the CPU's instructions."""
        if self._counting is None or examined.candidate.recipe.march is not None:
            return None
        counted = self.count(examined)
        return None if isinstance(counted, Failure) else counted

    @cached_property
    def _cost_batch(self) -> Batch[Inputs]:
        """The one public input of cost estimates; a third of a timed launch's length."""
        seed = derive_seed(b"visible", "cost", self.benchmark.name)
        return self._cases.timed("cost", seed, max(1, self.reps // 3))

    @cached_property
    def _baseline_layouts(self) -> SharedLayouts:
        return SharedLayouts(self.executables, self.baseline.objects)

    @cached_property
    def _reference(self) -> Reference[Inputs, Observed]:
        built = self._build(self._original(REFERENCE))
        if built.exe is None:
            raise UsageError(
                f"benchmark {self.benchmark.name!r} does not build at -O0 for {self.target.name}: "
                f"{built.verdict.reason}"
            )
        return Reference(self._cases, built.exe, self.benchmark.name)

    @cached_property
    def _ladder(self) -> Ladder[Inputs, Observed]:
        return Ladder(self._cases, self._reference)

    def _count(self, examined: Examined) -> float | Failure:
        cases = self._cases if self.target.emulated else self._counting
        if cases is None or examined.exe_sha256 is None:
            raise InfraError("nothing on this machine counts instructions for this target")
        sha = examined.exe_sha256
        if sha not in self._counts:
            seed = derive_seed(self._secret, "count", self.benchmark.name)
            batch = cases.timed("count", seed, COUNTED_CALLS)
            self._counts[sha] = cases.count(self._exe(examined), batch)
        return self._counts[sha]

    def _original(self, recipe: Recipe) -> Candidate:
        return Candidate(
            benchmark=self.benchmark.name,
            level=Level.C,
            files=self.benchmark.files,
            recipe=recipe,
            made_by="referee",
        )

    def _build(self, candidate: Candidate) -> Examined:
        start = time.monotonic()
        made = self.executables.make(with_prototype(self.benchmark, candidate))
        if isinstance(made, BuildFailure):
            verdict = _failed(
                Outcome.BUILD_FAILED, Rung.BUILD, made.reason, time.monotonic() - start
            )
            return Examined(candidate, verdict, build_s=made.seconds, failure=made)
        build = Evidence(
            rung=Rung.BUILD,
            passed=True,
            tried=1,
            seconds=made.seconds,
            detail=f"built by {candidate.recipe.compiler}",
        )
        start = time.monotonic()
        findings = self.executables.scan(made.objects)
        seconds = time.monotonic() - start
        if findings:
            verdict = _failed(Outcome.REJECTED_BY_SCAN, Rung.SCAN, "; ".join(findings[:3]), seconds)
            verdict = verdict.model_copy(update={"evidence": (build, *verdict.evidence)})
            return Examined(candidate, verdict, build_s=made.seconds)
        scan = Evidence(
            rung=Rung.SCAN,
            passed=True,
            tried=len(made.objects),
            seconds=seconds,
            detail="imports on the allow-list, no system calls, nothing runs before the function",
        )
        verdict = Verdict(outcome=None, reason="built and scanned", evidence=(build, scan))
        return Examined(candidate, verdict, made.objects, made.exe, made.sha256, made.seconds)

    def _exe(self, examined: Examined) -> Path:
        if examined.exe is None:
            raise InfraError(f"no executable: {examined.verdict.reason}")
        return examined.exe


def _failed(outcome: Outcome, rung: Rung, reason: str, seconds: float) -> Verdict:
    evidence = Evidence(rung=rung, passed=False, tried=1, seconds=seconds, detail=reason)
    return Verdict(outcome=outcome, reason=reason, evidence=(evidence,))


def _with_verdict(built: Examined, verdict: Verdict) -> Examined:
    own = built.verdict.evidence
    evidence = (*own, *verdict.evidence[len(own) :])
    return Examined(
        built.candidate,
        verdict.model_copy(update={"evidence": evidence}),
        built.objects,
        built.exe,
        built.exe_sha256,
        built.build_s,
    )
