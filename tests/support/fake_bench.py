"""A workbench without compilers: candidates fare as a rule says, everything is charged for real.

The budget, the ledger and the trajectory are the real ones; only building, running and measuring
are made up, from a hash of the candidate, so that the same search always fares the same.
"""

import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from coopbench.harness.base import Level
from coopbench.harness.budget import Budget, BudgetSnapshot, Reservation
from coopbench.harness.contract import Contract, Distribution, Parameter, Role, ScalarType
from coopbench.harness.ledger import Amounts, Caps, Currency, CurvePoint, Ledger, Purpose
from coopbench.harness.metering import TIME, Meter, Task, about
from coopbench.harness.model import (
    Candidate,
    Counterexample,
    Outcome,
    Recipe,
    Rung,
    Target,
    Verdict,
)
from coopbench.harness.optimizer import (
    Admission,
    BenchmarkView,
    BuildFailed,
    Built,
    CompilerInfo,
    HotBlock,
    Surroundings,
)
from coopbench.harness.settings import Settings
from coopbench.harness.toolchain.remarks import Remark
from coopbench.harness.toolchain.throughput import Throughput
from coopbench.harness.trajectory import Event, Journal, MemoryJournal, Recorder

X86 = Target(name="x86-64-v2", arch="x86_64", march="x86-64-v2", emulated=False)
ARM = Target(name="armv8-a", arch="aarch64", march="armv8-a", emulated=True)
PINNED = CompilerInfo("pinned", "clang", "22.1.8", frozenset({"lto", "passes"}))

SCAN_C = """#include <stddef.h>
#include <stdint.h>

uint32_t scan(uint32_t *out, const uint32_t *in, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += in[i];
        out[i] = sum;
    }
    return sum;
}
"""

SCAN_IR = """target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-musl"

define dso_local i32 @scan(ptr noundef writeonly captures(none) %0, ptr noundef readonly captures(none) %1, i64 noundef %2) local_unnamed_addr #0 {
  %4 = icmp eq i64 %2, 0
  br i1 %4, label %5, label %7

5:                                                ; preds = %7, %3
  %6 = phi i32 [ 0, %3 ], [ %12, %7 ]
  ret i32 %6

7:                                                ; preds = %3, %7
  %8 = phi i64 [ %14, %7 ], [ 0, %3 ]
  %9 = phi i32 [ %12, %7 ], [ 0, %3 ]
  %10 = getelementptr inbounds nuw i32, ptr %1, i64 %8
  %11 = load i32, ptr %10, align 4, !tbaa !5
  %12 = add i32 %11, %9
  %13 = getelementptr inbounds nuw i32, ptr %0, i64 %8
  store i32 %12, ptr %13, align 4, !tbaa !5
  %14 = add nuw i64 %8, 1
  %15 = icmp eq i64 %14, %2
  br i1 %15, label %5, label %7
}

attributes #0 = { nofree norecurse nosync nounwind memory(argmem: readwrite) uwtable "target-cpu"="x86-64-v2" }

!llvm.module.flags = !{!0}

!0 = !{i32 1, !"wchar_size", i32 4}
!5 = !{!6, !6, i64 0}
!6 = !{!"int", !7, i64 0}
!7 = !{!"omnipotent char", !8, i64 0}
!8 = !{!"Simple C/C++ TBAA"}
"""

SCAN_ASM = """\t.text
\t.globl\tscan
\t.p2align\t4
\t.type\tscan,@function
scan:
\t.cfi_startproc
\txorl\t%eax, %eax
\ttestq\t%rdx, %rdx
\tje\t.LBB0_3
\txorl\t%ecx, %ecx
\t.p2align\t4
.LBB0_2:
\taddl\t(%rsi,%rcx,4), %eax
\tmovl\t%eax, (%rdi,%rcx,4)
\tincq\t%rcx
\tcmpq\t%rcx, %rdx
\tjne\t.LBB0_2
.LBB0_3:
\tretq
.Lfunc_end0:
\t.size\tscan, .Lfunc_end0-scan
\t.cfi_endproc
\t.section\t".note.GNU-stack","",@progbits
"""

COMPILE = Amounts(compile_ns=1)
_TEXTS = {Level.IR: SCAN_IR, Level.ASM: SCAN_ASM}
_COMMENTS = {Level.IR: ";", Level.ASM: "#"}


@dataclass(frozen=True)
class Fate:
    """How a candidate fares."""

    outcome: Outcome | None = None
    """None: it passes its tests."""
    cost: float = 1.0


Fates = Callable[[Candidate], Fate]


def all_right(candidate: Candidate) -> Fate:
    """Let every candidate pass, at the same cost."""
    return Fate()


def by_chance(seed: int, wrong: float = 0.3, unbuildable: float = 0.2) -> Fates:
    """Return a rule by which candidates fail or gain at random; the same one always alike."""

    def fate(candidate: Candidate) -> Fate:
        chance = random.Random(f"{seed} {candidate.id}")
        draw = chance.random()
        if draw < unbuildable:
            return Fate(Outcome.BUILD_FAILED)
        if draw < unbuildable + wrong:
            outcomes = (Outcome.WRONG_OUTPUT, Outcome.CRASHED, Outcome.TIMED_OUT)
            return Fate(chance.choice(outcomes))
        return Fate(cost=2.0 ** chance.uniform(-2, 1))

    return fate


def scan_contract() -> Contract:
    """Return the contract of the only program there is."""
    return Contract(
        function="scan",
        returns=ScalarType.U32,
        parameters=(
            Parameter(name="out", type=ScalarType.U32, role=Role.OUT, shape="n"),
            Parameter(
                name="in",
                type=ScalarType.U32,
                shape="n",
                distributions=(Distribution(kind="uniform"),),
            ),
            Parameter(name="n", type=ScalarType.SIZE, max=20000),
        ),
    )


@dataclass
class FakeBench:
    """The workbench of one made-up trial.

    Attributes:
        fates: How candidates fare that are not the original, and not its code in other words.
        caps: Of the budget.
        settings: What the user chose.
        target: For what is built.
        seed: Of the trial, and of what everything costs.
        entrant: Whose trial it is.
        unlowerable: Levels that nothing can be lowered to.
        admit: Decides on proposed workloads.
        busy_ns: Most nanoseconds that one build, and one run, takes.
    """

    fates: Fates = all_right
    caps: Caps = field(default_factory=Caps)
    settings: Settings = field(default_factory=lambda: Settings(backend="scripted"))
    target: Target = X86
    seed: int = 0
    entrant: str = "cooperative"
    unlowerable: frozenset[Level] = frozenset()
    admit: Callable[[Mapping[str, JsonValue]], Admission] = lambda w: Admission(True, "new", "new")
    busy_ns: int = 1_000_000
    now: int = 0
    """The clock; whoever takes time advances it."""
    checked: list[Candidate] = field(default_factory=list)
    costed: list[Candidate] = field(default_factory=list)
    curve: list[CurvePoint] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.budget = Budget(self.caps, clock=lambda: self.now)
        self.journal = MemoryJournal()
        self.write_to(self.journal)
        self._same_as: dict[str, Candidate] = {}
        self._known: dict[str, float] = {}
        self._verified: dict[str, Candidate] = {}

    def write_to(self, journal: Journal) -> None:
        """Write all events from now on to a journal."""
        self.recorder = Recorder(journal, lambda: self.budget.snapshot().spent)
        self._meter = Meter(self.budget, self.recorder)

    @property
    def benchmark(self) -> BenchmarkView:
        """The only program."""
        return BenchmarkView(
            name="scan",
            kind="kernel",
            title="Prefix sum",
            contract=scan_contract(),
            program=None,
            files={"kernel.c": SCAN_C},
            baseline=Recipe(),
        )

    @property
    def surroundings(self) -> Surroundings:
        """Target, the pinned compiler, and the settings."""
        return Surroundings(self.target, (PINNED,), self.settings)

    @property
    def trial(self) -> str:
        """The trial's name."""
        return f"{self.entrant}/scan/{self.target.name}/0"

    def build(self, candidate: Candidate) -> Built | BuildFailed:
        """Build by the rule."""
        fate = self._act(about(candidate, "build", ask=COMPILE), candidate)
        if fate.outcome in (Outcome.BUILD_FAILED, Outcome.REJECTED_BY_SCAN):
            return BuildFailed("frontend", _DIAGNOSTIC)
        return Built(candidate.id, hashlib.sha256(self._root(candidate).id.encode()).hexdigest(), 0)

    def check(self, candidate: Candidate) -> Verdict:
        """Check by the rule."""
        fate = self._act(about(candidate, "check"), candidate)
        self.checked.append(candidate)
        if fate.outcome is Outcome.BUILD_FAILED:
            return Verdict(outcome=fate.outcome, reason=_DIAGNOSTIC, evidence=())
        if fate.outcome is None:
            self._verified[candidate.id] = candidate
            return Verdict(outcome=None, reason="passed", evidence=())
        return Verdict(
            outcome=fate.outcome,
            reason="out[3] differs",
            evidence=(),
            counterexample=Counterexample(
                rung=Rung.VISIBLE, workload="n=5", where="out[3]", expected="7", got="9"
            ),
        )

    def cost(self, candidate: Candidate) -> float | None:
        """Cost by the rule; one evaluation."""
        one = Amounts(evaluations=1)
        task = replace(about(candidate, "cost", ask=TIME.plus(one)), fixed=one)
        fate = self._act(task, candidate)
        if fate.outcome is not None:
            return None
        self.costed.append(candidate)
        self._known[candidate.id] = fate.cost
        self._extend_curve(candidate, fate.cost)
        return fate.cost

    def profile(self, recipe: Recipe) -> str | BuildFailed:
        """There are no profiles here."""
        return BuildFailed("profile", "no profiles here")

    def lower(
        self, candidate: Candidate, to: Level, passes: str | None = None
    ) -> Candidate | BuildFailed:
        """Return the same text for all candidates, but for a comment that tells them apart."""
        fate = self._act(about(candidate, "lower", ask=COMPILE), candidate)
        if fate.outcome is Outcome.BUILD_FAILED or to in self.unlowerable:
            return BuildFailed("lower", f"error: there is no way to {to.value}")
        mark = f"{_COMMENTS[to]} from {candidate.id} {passes or ''}\n"
        lowered = Candidate(
            benchmark="scan",
            level=to,
            files={f"kernel{to.suffix}": mark + _TEXTS[to]},
            recipe=Recipe(codegen=candidate.recipe.codegen),
            parent=candidate.id,
            made_by="workbench",
        )
        if passes is None:
            self._same_as[lowered.id] = candidate
        return lowered

    def remarks(self, candidate: Candidate) -> tuple[Remark, ...] | BuildFailed:
        """Return one remark."""
        self._act(about(candidate, "inspect", "remarks"), candidate)
        if candidate.level is Level.ASM:
            return ()
        remark = Remark(
            kind="missed",
            pass_name="loop-vectorize",
            name="MissedDetails",
            function="scan",
            line=7,
            message="loop not vectorized",
        )
        return (remark,)

    def throughput(self, candidate: Candidate) -> tuple[Throughput, ...] | BuildFailed:
        """Return one block."""
        self._act(about(candidate, "inspect", "throughput"), candidate)
        block = Throughput(
            block=".LBB0_2",
            instructions=5,
            cycles=1.5,
            uops=6,
            block_rthroughput=1.25,
            bottleneck="none",
            cpu="x86-64-v2",
        )
        return (block,)

    def disassembly(self, candidate: Candidate) -> str | BuildFailed:
        """Return the same code for all candidates."""
        self._act(about(candidate, "inspect", "disassembly"), candidate)
        return SCAN_ASM

    def hot_blocks(self, candidate: Candidate) -> tuple[HotBlock, ...] | None:
        """Return one block."""
        self._act(about(candidate, "inspect", "hot_blocks"), candidate)
        return (HotBlock("scan", 0x10, 5, 1000, 0.97),)

    def instructions(self, candidate: Candidate) -> float | None:
        """Count by the rule."""
        fate = self._act(about(candidate, "inspect", "instructions"), candidate)
        return None if fate.outcome is not None else 1000 * fate.cost

    def propose(self, workload: Mapping[str, JsonValue]) -> Admission:
        """Decide by the rule."""
        with self._meter.action(Task("workload", "propose", "tests", ask=Amounts(run_ns=1))) as act:
            act.run_ns = self._some()
            act.outcome = "done"
        return self.admit(workload)

    def visible_inputs(self) -> dict[str, bytes]:
        """There are none."""
        return {}

    def best(self) -> Candidate | None:
        """Return the cheapest candidate that was checked and costed."""
        able = [c for i, c in self._verified.items() if i in self._known]
        return min(able, key=lambda c: self._known[c.id], default=None)

    def reserve(self, purpose: Purpose, amounts: Amounts) -> Reservation:
        """Reserve."""
        return self.budget.reserve(purpose, amounts)

    def settle(self, reservation: Reservation, actual: Amounts) -> None:
        """Settle."""
        self.budget.settle(reservation, actual)

    def record(self, event: Event) -> None:
        """Keep an event in memory."""
        self.recorder.record(event)

    def remaining(self, currency: Currency) -> int | None:
        """Return what is left."""
        return self.budget.remaining(currency)

    def spent(self) -> BudgetSnapshot:
        """Return what was spent."""
        return self.budget.snapshot()

    def ledger(self) -> Ledger:
        """Return the trial's ledger."""
        return self.budget.ledger(tuple(self.curve))

    def events(self, *kinds: str) -> list[Event]:
        """Return the events of some kinds; none means all."""
        return [e for e in self.journal.events if not kinds or e.kind in kinds]

    def fate(self, candidate: Candidate) -> Fate:
        """Return how a candidate fares; the original's own code in any words is right."""
        root = self._root(candidate)
        if root.files == self.benchmark.files and root.recipe == Recipe():
            return Fate()
        return self.fates(root)

    def _root(self, candidate: Candidate) -> Candidate:
        while candidate.id in self._same_as:
            candidate = self._same_as[candidate.id]
        return candidate

    def _act(self, task: Task, candidate: Candidate) -> Fate:
        fate = self.fate(candidate)
        with self._meter.action(task) as act:
            if task.ask.compile_ns:
                act.compile_ns = self._some()
            if task.ask.run_ns and fate.outcome is not Outcome.BUILD_FAILED:
                act.run_ns = self._some()
            act.outcome = "done" if fate.outcome is None else fate.outcome.value
        return fate

    def _some(self) -> int:
        """Let some time pass; how much depends on the seed and on when."""
        spent = random.Random(f"{self.seed} {self.now}").randint(1, self.busy_ns)
        self.now += spent
        return spent

    def _extend_curve(self, candidate: Candidate, cost: float) -> None:
        gain = 1.0 / cost
        if candidate.id in self._verified and gain > max((p.gain for p in self.curve), default=0):
            self.curve.append(
                CurvePoint(
                    candidate=candidate.id,
                    level=candidate.level,
                    gain=gain,
                    spent=self.budget.snapshot().spent,
                )
            )


_DIAGNOSTIC = "kernel.c:5:9: error: use of undeclared identifier 'x'"
