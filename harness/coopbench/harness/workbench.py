"""The metered tools of one trial: what an entrant may do, and what it costs."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import JsonValue

from coopbench.harness.anytime import Anytime, Lead
from coopbench.harness.base import Level
from coopbench.harness.budget import Budget, BudgetSnapshot, Reservation
from coopbench.harness.executables import compiler_infos
from coopbench.harness.ledger import Amounts, Currency, CurvePoint, Purpose
from coopbench.harness.metering import TIME, Act, Meter, Task, about, agent_of
from coopbench.harness.model import Candidate, Recipe, Verdict
from coopbench.harness.optimizer import (
    Admission,
    BenchmarkView,
    BuildFailed,
    Built,
    HotBlock,
    Surroundings,
)
from coopbench.harness.proposals import ProposedWorkloads
from coopbench.harness.referee import BASELINE, Referee
from coopbench.harness.settings import Settings
from coopbench.harness.toolchain.remarks import Remark
from coopbench.harness.toolchain.throughput import Throughput
from coopbench.harness.tools.toolbox import Toolbox, failed, refused
from coopbench.harness.trajectory import Event, MemoryJournal, Recorder, event
from coopbench.harness.visible import visible_files

COST_LAUNCHES = 3
"""Launches of a cost estimate on a timed target; the smallest counts."""
HARNESS = "harness"
"""Agent that the baseline's cost is charged to."""
TESTS = "tests"
"""Agent that proposed workloads are charged to."""

T = TypeVar("T")


class LocalWorkbench:
    """The workbench of one trial on this machine; see `Workbench` for what each tool does.

    Every action writes one event with its outcome, and is charged to the candidate's level and
    to the agent that made it: the part of `made_by` behind the colon (`cooperative:c` is the
    work of agent `c`), or all of it.

    Args:
        referee: Of the benchmark and target; its hidden side is never shown.
        budget: Charged for everything.
        seed: For the entrant's own randomness.
        trial: The trial's name.
        recorder: Writes the trajectory; default: it is kept in memory only.
        settings: How the user lets entrants reach a model.
    """

    def __init__(
        self,
        referee: Referee[Any, Any],
        budget: Budget,
        seed: int,
        *,
        trial: str = "",
        recorder: Recorder | None = None,
        settings: Settings | None = None,
    ) -> None:
        self._referee = referee
        self._budget = budget
        self._seed = seed
        self._trial = trial
        self._settings = settings or Settings()
        self._recorder = recorder or Recorder(MemoryJournal(), lambda: budget.snapshot().spent)
        self._meter = Meter(budget, self._recorder)
        self._tools = Toolbox(referee)
        self._anytime = Anytime(self._original.id, self._cost_of_baseline)
        self._proposals: ProposedWorkloads[Any, Any] | None = None

    @property
    def benchmark(self) -> BenchmarkView:
        """The benchmark's public view."""
        b = self._referee.benchmark
        return BenchmarkView(
            name=b.name,
            kind=b.manifest.kind,
            title=b.manifest.title,
            contract=b.manifest.contract,
            program=b.manifest.program,
            files=dict(b.files),
            baseline=BASELINE,
        )

    @property
    def surroundings(self) -> Surroundings:
        """Target, compilers, settings."""
        target = self._referee.target
        infos = compiler_infos(self._referee.executables.compilers, target)
        return Surroundings(target, infos, self._settings)

    @property
    def trial(self) -> str:
        """The trial's name."""
        return self._trial

    @property
    def seed(self) -> int:
        """Seed for the entrant's own randomness."""
        return self._seed

    @property
    def curve(self) -> tuple[CurvePoint, ...]:
        """The anytime curve: when better verified candidates were found, and at what expense."""
        return self._anytime.curve

    @property
    def proposals(self) -> ProposedWorkloads[Any, Any] | None:
        """The tests that the entrant has added; None if it has proposed none."""
        return self._proposals

    def build(self, candidate: Candidate) -> Built | BuildFailed:
        """Build a candidate (cached by content)."""

        def work(act: Act) -> Built | BuildFailed:
            made = self._tools.build(act, candidate)
            if isinstance(made, BuildFailed):
                return made
            return Built(candidate.id, made.exe_sha256 or "", act.compile_ns / 1e9)

        return self._do(about(candidate, "build", ask=Amounts(compile_ns=1)), work)

    def check(self, candidate: Candidate) -> Verdict:
        """Run the visible tests only, accepted proposals among them."""
        extra = self._proposals.batches if self._proposals else ()

        def work(act: Act) -> Verdict:
            with act.compiling():
                made = self._referee.build(candidate)
            if refused(made) is not None:
                return made.verdict
            with act.running():
                return self._referee.check_visible(candidate, extra)

        verdict = self._do(about(candidate, "check"), work)
        if self._proposals is not None:
            self._proposals.note(candidate.id, verdict)
        spent = self._budget.snapshot().spent
        self._note(self._anytime.checked(candidate, spent, passed=verdict.passed))
        return verdict

    def cost(self, candidate: Candidate) -> float | None:
        """Return a quick estimate of the cost; costs one evaluation."""
        one = Amounts(evaluations=1)
        task = replace(about(candidate, "cost", ask=TIME.plus(one)), fixed=one)
        tools = self._tools
        value = _or_none(self._do(task, lambda act: tools.cost(act, candidate, COST_LAUNCHES)))
        if value is not None:
            self._note(self._anytime.costed(candidate, value, self._budget.snapshot().spent))
        return value

    def profile(self, recipe: Recipe) -> str | BuildFailed:
        """Train the original sources on visible inputs."""

        def work(act: Act) -> str | BuildFailed:
            with act.running():
                trained = self._referee.train(recipe)
            return trained if isinstance(trained, str) else failed(trained)

        return self._do(Task("profile", "profile", "", Level.C, ask=Amounts(run_ns=1)), work)

    def lower(
        self, candidate: Candidate, to: Level, passes: str | None = None
    ) -> Candidate | BuildFailed:
        """Return the candidate as text of a lower level; see `tools.lowering`."""

        def work(act: Act) -> Candidate | BuildFailed:
            made = self._tools.lower(act, candidate, to, passes)
            if isinstance(made, BuildFailed):
                return made
            act.data["same_code"] = made.same_code
            return made.candidate

        pipeline = None if passes is None else passes.encode("utf-8", "replace").decode()
        ask = Amounts(compile_ns=1)
        task = about(candidate, "lower", ask=ask, to=to.value, passes=pipeline)
        return self._do(task, work)

    def remarks(self, candidate: Candidate) -> tuple[Remark, ...] | BuildFailed:
        """Return what the compiler's passes did and could not do; see `tools.inspection`."""
        task = about(candidate, "inspect", "remarks", Amounts(compile_ns=1))
        return self._do(task, lambda act: self._tools.remarks(act, candidate))

    def throughput(self, candidate: Candidate) -> tuple[Throughput, ...] | BuildFailed:
        """Return llvm-mca's model of the kernel, or of a program's hottest function."""
        task = about(candidate, "inspect", "throughput")
        return self._do(task, lambda act: self._tools.throughput(act, candidate))

    def disassembly(self, candidate: Candidate) -> str | BuildFailed:
        """Return the candidate's functions as they lie in its executable, with addresses."""
        task = about(candidate, "inspect", "disassembly", Amounts(compile_ns=1))
        return self._do(task, lambda act: self._tools.disassembly(act, candidate))

    def hot_blocks(self, candidate: Candidate) -> tuple[HotBlock, ...] | None:
        """Return where a public input spends its instructions; see `tools.hotness`."""
        task = about(candidate, "inspect", "hot_blocks")
        return _or_none(self._do(task, lambda act: self._tools.hot_blocks(act, candidate)))

    def instructions(self, candidate: Candidate) -> float | None:
        """Return retired instructions per call on a public input of the reference size."""
        task = about(candidate, "inspect", "instructions")
        return _or_none(self._do(task, lambda act: self._tools.instructions(act, candidate)))

    def propose(self, workload: Mapping[str, JsonValue]) -> Admission:
        """Propose a workload; if accepted it joins `check`'s tests."""
        if self._proposals is None:
            self._proposals = self._referee.proposals()
        proposals = self._proposals

        def work(act: Act) -> Admission:
            with act.running():
                return proposals.propose(workload)

        return self._do(Task("workload", "propose", TESTS, ask=Amounts(run_ns=1)), work)

    def visible_inputs(self) -> dict[str, bytes]:
        """Return the visible inputs as files, by name; see `visible.visible_files`."""
        return visible_files(self._referee.benchmark)

    def best(self) -> Candidate | None:
        """Return the cheapest candidate so far that passed `check`; None if none did."""
        return self._anytime.best()

    def reserve(self, purpose: Purpose, amounts: Amounts) -> Reservation:
        """Set aside what an action of the entrant's own may cost."""
        return self._budget.reserve(purpose, amounts)

    def settle(self, reservation: Reservation, actual: Amounts) -> None:
        """Replace a reservation by what the action did cost."""
        self._budget.settle(reservation, actual)

    def record(self, event: Event) -> None:
        """Append to the trial's trajectory."""
        self._recorder.record(event)

    def remaining(self, currency: Currency) -> int | None:
        """Return what is left of a currency, None if it has no cap."""
        return self._budget.remaining(currency)

    def spent(self) -> BudgetSnapshot:
        """Return what was spent so far."""
        return self._budget.snapshot()

    def _do(self, task: Task, work: Callable[[Act], T]) -> T:
        with self._meter.action(task) as act:
            result = work(act)
            act.ended(result)
        return result

    @property
    def _original(self) -> Candidate:
        return self.benchmark.original(BASELINE, HARNESS)

    def _cost_of_baseline(self) -> float | None:
        """Return what gains refer to; charged, but never refused: it is no step of the entrant's."""
        act = Act()
        cost = _or_none(self._tools.cost(act, self._original, COST_LAUNCHES))
        purpose = Purpose(level=Level.C, agent=HARNESS, action="cost")
        self._budget.charge(purpose, Amounts(compile_ns=act.compile_ns, run_ns=act.run_ns))
        return cost

    def _note(self, lead: Lead | None) -> None:
        if lead is None:
            return
        candidate, gain = lead.candidate, lead.gain
        text = f"{gain:.4f} times the baseline's speed" if gain else "its gain is not known"
        self._recorder.record(
            event(
                "best",
                text,
                agent=agent_of(candidate),
                level=candidate.level,
                candidate=candidate.id,
                data={"gain": gain},
            )
        )


def _or_none(result: T | BuildFailed | None) -> T | None:
    return None if isinstance(result, BuildFailed) else result
