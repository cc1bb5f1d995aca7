"""The workbench's frame: what is charged to whom, what is written down, and what is refused."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from coopbench.harness.base import Level
from coopbench.harness.benchmark import load_benchmark
from coopbench.harness.budget import Budget, BudgetSpentError
from coopbench.harness.errors import InfraError
from coopbench.harness.ledger import Amounts, Caps, Currency, Purpose
from coopbench.harness.model import Candidate, Counterexample, Outcome, Recipe, Rung, Verdict
from coopbench.harness.optimizer import Admission, BuildFailed, Built
from coopbench.harness.referee import Examined
from coopbench.harness.settings import Settings
from coopbench.harness.toolchain.step import BuildFailure
from coopbench.harness.trajectory import Event, MemoryJournal, Recorder
from coopbench.harness.workbench import LocalWorkbench

PASSED = Verdict(outcome=None, reason="agrees on 8 inputs", evidence=())
WRONG = Verdict(
    outcome=Outcome.WRONG_OUTPUT,
    reason="out[3]: expected 1, got 2",
    evidence=(),
    counterexample=Counterexample(
        rung=Rung.VISIBLE, workload="visible seed=1", where="out[3]", expected="1", got="2"
    ),
)
BROKEN = BuildFailure("front end", "kernel.c:1:1: error: no\nkernel.c:2:1: note: so", (), 0.0)


@dataclass
class Proposals:
    """Accepts everything."""

    batches: tuple[str, ...] = ()
    noted: list[tuple[str, bool]] = field(default_factory=list)

    def propose(self, workload: Any) -> Admission:
        self.batches = (*self.batches, str(workload))
        return Admission(accepted=True, label="proposed 1", reason="new")

    def note(self, candidate: str, verdict: Verdict) -> None:
        self.noted.append((candidate, verdict.passed))


@dataclass
class Referee:
    """Knows candidates by words in their text; costs what `cost` says."""

    benchmark: Any
    extra: list[Any] = field(default_factory=list)
    costed: list[str] = field(default_factory=list)
    made: Proposals = field(default_factory=Proposals)
    trouble: bool = False
    target: Any = None
    executables: Any = None

    def build(self, candidate: Candidate) -> Examined:
        (text,) = candidate.files.values()
        if "broken" in text:
            verdict = Verdict(
                outcome=Outcome.BUILD_FAILED, reason="front end: error: no", evidence=()
            )
            return Examined(candidate, verdict, failure=BROKEN)
        if "forbidden" in text:
            verdict = Verdict(outcome=Outcome.REJECTED_BY_SCAN, reason="syscall", evidence=())
            return Examined(candidate, verdict)
        return Examined(candidate, PASSED, exe=Path("/exe"), exe_sha256="e" * 64)

    def check_visible(self, candidate: Candidate, extra: Any = ()) -> Verdict:
        if self.trouble:
            raise InfraError("the disk is full")
        self.extra.append(extra)
        (text,) = candidate.files.values()
        return WRONG if "wrong" in text else PASSED

    def quick_cost(self, candidate: Candidate, launches: int) -> float | None:
        self.costed.append(candidate.id)
        (text,) = candidate.files.values()
        return float(text.rpartition("cost ")[2] or 8) if "cost " in text else 8.0

    def train(self, recipe: Recipe) -> str | BuildFailure:
        return "f" * 64 if recipe.compiler == "clang-19" else BROKEN

    def proposals(self) -> Proposals:
        return self.made


@dataclass
class Scene:
    """A workbench with everything around it."""

    bench: LocalWorkbench
    referee: Referee
    budget: Budget
    journal: MemoryJournal

    @property
    def last(self) -> Event:
        return self.journal.events[-1]

    def charged(self) -> dict[tuple[Level | None, str, str], int]:
        """Return the number of charges by level, agent and action."""
        rows = self.budget.snapshot().by_purpose
        return {(r.purpose.level, r.purpose.agent, r.purpose.action): r.charges for r in rows}


@pytest.fixture
def scene(make_benchmark: Any) -> Any:
    """Return a maker of scenes with caps."""

    def make(**caps: int) -> Scene:
        referee = Referee(load_benchmark(make_benchmark()))
        budget = Budget(Caps(**caps))
        journal = MemoryJournal()
        recorder = Recorder(journal, lambda: budget.snapshot().spent)
        bench = LocalWorkbench(
            referee,  # type: ignore[arg-type]
            budget,
            7,
            trial="me/scan/x/0",
            recorder=recorder,
            settings=Settings(backend="tape"),
        )
        return Scene(bench, referee, budget, journal)

    return make


def candidate(text: str, made_by: str = "cooperative:c", level: Level = Level.C) -> Candidate:
    """Return a candidate whose text tells the referee what to think of it."""
    return Candidate(
        benchmark="scan", level=level, files={f"kernel{level.suffix}": text}, made_by=made_by
    )


def test_agents_are_charged_for_what_is_done_with_their_candidates(scene: Any) -> None:
    """The part of `made_by` behind the colon is the agent; without one the whole name is."""
    s = scene()
    s.bench.build(candidate("cost 4"))
    s.bench.check(candidate("cost 4", "cooperative:ir", Level.IR))
    s.bench.cost(candidate("cost 4", "autotune"))
    s.bench.profile(Recipe(compiler="clang-19"))
    s.bench.propose({"note": "empty"})
    assert s.charged() == {
        (Level.C, "c", "build"): 1,
        (Level.IR, "ir", "check"): 1,
        (Level.C, "autotune", "cost"): 1,
        (Level.C, "", "profile"): 1,
        (None, "tests", "propose"): 1,
    }
    spent = s.budget.snapshot()
    assert spent.spent.evaluations == 1
    assert spent.spent.compile_ns > 0
    assert spent.spent.run_ns > 0
    assert spent.reserved == Amounts()


def test_every_action_writes_one_event_with_its_outcome(scene: Any) -> None:
    """Kind, agent, level, candidate and outcome are there; failures say why."""
    s = scene()
    good, wrong, broken, forbidden = map(
        candidate, ("cost 4", "wrong cost 1", "broken", "forbidden")
    )
    s.bench.check(good)
    assert (s.last.kind, s.last.data["outcome"], s.last.candidate) == ("check", "passed", good.id)
    assert (s.last.agent, s.last.level) == ("c", Level.C)
    s.bench.check(wrong)
    assert s.last.data["outcome"] == "wrong_output"
    assert s.last.data["counterexample"]["where"] == "out[3]"
    built = s.bench.build(broken)
    assert built == BuildFailed("front end", BROKEN.diagnostics)
    assert (s.last.kind, s.last.data["outcome"]) == ("build", "build_failed")
    assert s.last.text == "front end: kernel.c:1:1: error: no"
    assert s.last.data["diagnostics"] == BROKEN.diagnostics
    assert s.bench.check(broken).outcome is Outcome.BUILD_FAILED
    assert s.bench.cost(broken) is None
    assert (s.last.kind, s.last.data["outcome"]) == ("cost", "build_failed")
    assert s.last.data["diagnostics"] == BROKEN.diagnostics
    assert s.bench.build(forbidden) == BuildFailed("scan", "syscall")
    assert s.bench.check(forbidden).outcome is Outcome.REJECTED_BY_SCAN
    assert isinstance(s.bench.build(good), Built)
    assert s.last.data["exe_sha256"] == "e" * 64
    assert isinstance(s.bench.profile(Recipe()), BuildFailed)
    assert s.last.kind == "profile"
    assert [e.seq for e in s.journal.events] == list(range(9))
    assert len(s.referee.extra) == 2, "what does not build is not run"


@pytest.mark.parametrize("currency", [Currency.COMPILE_NS, Currency.RUN_NS, Currency.EVALUATIONS])
def test_a_spent_cap_refuses_before_anything_is_done(scene: Any, currency: Currency) -> None:
    """An action that could not be paid is not begun; the refusal is on record."""
    s = scene(**{currency.value: 0})
    with pytest.raises(BudgetSpentError):
        s.bench.cost(candidate("cost 4"))
    assert s.referee.costed == []
    assert s.charged() == {}
    assert (s.last.kind, s.last.data["outcome"]) == ("cost", "budget_spent")
    assert currency.value in s.last.text


def test_compiling_needs_no_time_to_run(scene: Any) -> None:
    """Actions that only compile are refused for compile time, not for run time."""
    assert isinstance(scene(run_ns=0).bench.build(candidate("cost 4")), Built)
    with pytest.raises(BudgetSpentError):
        scene(compile_ns=0).bench.build(candidate("cost 4"))


def test_an_evaluation_is_spent_whatever_comes_of_it(scene: Any) -> None:
    """A candidate that does not build costs its evaluation too."""
    s = scene(evaluations=2)
    s.bench.cost(candidate("broken"))
    s.bench.cost(candidate("cost 4"))
    with pytest.raises(BudgetSpentError):
        s.bench.cost(candidate("cost 4"))
    assert s.bench.remaining(Currency.EVALUATIONS) == 0


def test_trouble_of_the_machine_is_settled_and_recorded(scene: Any) -> None:
    """After an error of ours nothing stays reserved, and the trajectory says what happened."""
    s = scene()
    s.referee.trouble = True
    with pytest.raises(InfraError):
        s.bench.check(candidate("cost 4"))
    assert s.budget.snapshot().reserved == Amounts()
    assert (s.last.kind, s.last.data["outcome"]) == ("check", "infra_failed")


def test_best_and_curve_follow_checks_and_costs(scene: Any) -> None:
    """Only verified candidates lead; gains refer to the baseline, whose cost the harness pays."""
    s = scene(evaluations=3)
    for text in ("cost 4", "wrong cost 1", "cost 2"):
        s.bench.check(candidate(text))
        s.bench.cost(candidate(text))
    assert s.bench.best() == candidate("cost 2")
    assert [p.gain for p in s.bench.curve] == [2.0, 4.0]
    assert [p.candidate for p in s.bench.curve] == [candidate("cost 4").id, candidate("cost 2").id]
    assert s.charged()[Level.C, "harness", "cost"] == 1
    assert s.budget.snapshot().spent.evaluations == 3
    bests = [e for e in s.journal.events if e.kind == "best"]
    assert [e.data["gain"] for e in bests] == [2.0, 4.0]
    assert s.budget.ledger(s.bench.curve).curve == s.bench.curve


def test_the_entrants_own_estimate_of_the_original_is_used(scene: Any) -> None:
    """Who asks for the baseline's cost first pays for it, and it is not asked for again."""
    s = scene()
    view = s.bench.benchmark
    original = view.original(view.baseline, "cooperative:guide")
    for c in (original, candidate("cost 4")):
        s.bench.check(c)
        s.bench.cost(c)
    assert s.referee.costed == [original.id, candidate("cost 4").id]
    assert [p.gain for p in s.bench.curve] == [1.0, 2.0]


def test_accepted_workloads_join_the_visible_tests(scene: Any) -> None:
    """They are given to every later check, and told what became of it."""
    s = scene()
    s.bench.check(candidate("cost 4"))
    admitted = s.bench.propose({"note": "empty", "scalars": {"n": 0}})
    assert admitted.accepted
    assert (s.last.kind, s.last.agent, s.last.data["outcome"]) == ("workload", "tests", "accepted")
    s.bench.check(candidate("wrong"))
    assert s.referee.extra == [(), s.referee.made.batches]
    assert s.referee.made.noted == [(candidate("wrong").id, False)]
    assert s.bench.proposals is s.referee.made


def test_reserved_and_settled_amounts_of_the_entrants_own_count(scene: Any) -> None:
    """Calls of a model go through the same ledger."""
    s = scene(model_calls=1)
    purpose = Purpose(level=Level.C, agent="c", action="rewrite")
    reservation = s.bench.reserve(purpose, Amounts(model_calls=1, tokens=100))
    s.bench.settle(reservation, Amounts(model_calls=1, tokens=60))
    assert s.bench.spent().spent.tokens == 60
    with pytest.raises(BudgetSpentError):
        s.bench.reserve(purpose, Amounts(model_calls=1))


def test_it_knows_its_trial_and_works_without_a_recorder(make_benchmark: Any) -> None:
    """What is not given has a default: the trajectory is then kept in memory."""
    referee = Referee(load_benchmark(make_benchmark()))
    bench = LocalWorkbench(referee, Budget(), 3)  # type: ignore[arg-type]
    assert (bench.seed, bench.trial) == (3, "")
    assert bench.check(candidate("cost 4")).passed
    assert bench.best() is None


def test_settings_reach_the_entrant(scene: Any) -> None:
    """What the user chose for models is part of the surroundings."""
    s = scene()
    s.referee.target = SimpleNamespace(arch="x86_64")
    s.referee.executables = SimpleNamespace(compilers=SimpleNamespace(all=()))
    assert s.bench.surroundings.settings == Settings(backend="tape")
    assert s.bench.trial == "me/scan/x/0"
