"""Entrants that need no model."""

from dataclasses import dataclass, field
from typing import Any

from coopbench.baselines import autotune, compilers, null
from coopbench.baselines.rename import rename_locals
from coopbench.harness.budget import Budget
from coopbench.harness.ledger import Amounts, Caps, Purpose
from coopbench.harness.model import Candidate, Outcome, Recipe, Target, Verdict
from coopbench.harness.optimizer import BenchmarkView, CompilerInfo, Failed, Surroundings

NATIVE = Target(name="x", arch="x86_64", march="x86-64-v2", emulated=False)
EMULATED = Target(name="a", arch="aarch64", march="armv8-a", emulated=True)
ALL = (
    CompilerInfo("pinned", "clang", "22.1.8", frozenset({"lto"})),
    CompilerInfo("clang-14", "clang", "14.0.6"),
    CompilerInfo("clang-19", "clang", "19.1.7", frozenset({"pgo", "polly", "lto"})),
    CompilerInfo("gcc-9", "gcc", "9.5.0"),
    CompilerInfo("gcc-12", "gcc", "12.2.0"),
)


@dataclass
class Bench:
    """A workbench whose costs follow a formula."""

    files: dict[str, str]
    around: Surroundings = field(default_factory=lambda: Surroundings(NATIVE, ALL))
    evaluations: int = 50
    wrong: str = "-inline-threshold=1000"
    costs: list[Candidate] = field(default_factory=list)
    seed: int = 7
    trial: str = "autotune/b/x/0"

    def __post_init__(self) -> None:
        self.budget = Budget(Caps(evaluations=self.evaluations))

    @property
    def surroundings(self) -> Surroundings:
        return self.around

    @property
    def benchmark(self) -> BenchmarkView:
        return BenchmarkView("b", "kernel", "t", None, None, self.files, Recipe())

    def cost(self, candidate: Candidate) -> float | None:
        self.budget.charge(Purpose(action="x"), Amounts())
        self.budget.settle(
            self.budget.reserve(Purpose(action="cost"), Amounts(evaluations=1)),
            Amounts(evaluations=1),
        )
        self.costs.append(candidate)
        options = candidate.recipe.pass_options
        if self.wrong in options:
            return 0.1
        return 2.0 if "-force-vector-width=8" not in options else 1.0

    def check(self, candidate: Candidate) -> Verdict:
        bad = self.wrong in candidate.recipe.pass_options
        return Verdict(outcome=Outcome.WRONG_OUTPUT if bad else None, reason="", evidence=())

    def profile(self, recipe: Recipe) -> str:
        assert recipe.compiler == "clang-19"
        return "f" * 64


def bench(**more: Any) -> Any:
    """Return a made-up workbench; Any, since it only resembles the real one."""
    return Bench({"kernel.c": "int f(int a) { int b = a; return b; }"}, **more)


def test_names_are_unique() -> None:
    """No two entrants have the same name."""
    names = [e.name for e in (*null.entrants(), *compilers.entrants(), *autotune.entrants())]
    assert len(set(names)) == len(names)
    assert len(names) >= 17


def test_identity_hands_back_the_baseline() -> None:
    """The identity entrant changes neither text nor recipe."""
    identity = next(e for e in null.entrants() if e.name == "identity")
    answer = identity.optimize(bench())
    assert isinstance(answer, Candidate)
    assert answer.files == bench().files
    assert answer.recipe == Recipe()


def test_renaming_changes_every_local_and_nothing_else() -> None:
    """Parameters and locals get new names; fields, globals, macros and functions keep theirs."""
    source = """
#define SCALE(v) ((v) * factor)
struct p { int n; int q; };
static int total;
static int helper(int n) { return n + 1; }
int f(struct p *p, int n, int factor) {
    int q = n, *r = &q;
    for (int i = 0; i < n; i++) { total += p->n + SCALE(*r) + helper(i); }
    return q;
}
"""
    renamed = rename_locals(source)
    assert "p->n" not in renamed
    assert "p_r->n" in renamed
    assert "int q_r = n_r" in renamed
    assert "total +=" in renamed
    assert "helper(i_r)" in renamed
    assert "int factor)" in renamed, "a name that a macro uses must stay"


def test_the_newest_fitting_compiler_is_chosen() -> None:
    """Version numbers are compared as numbers, and only compilers with the feature count."""
    around = Surroundings(NATIVE, ALL)
    assert compilers.newest("gcc")(around) == ALL[4]
    assert compilers.newest("clang", "polly")(around) == ALL[2]
    assert compilers.newest("clang", "msvc")(around) is None


def test_entrants_without_their_compiler_say_what_to_install() -> None:
    """On a machine with the pinned LLVM only, the others are refused with a remedy."""
    around = Surroundings(NATIVE, ALL[:1])
    refused = {e.name: e.available(around) for e in compilers.entrants()}
    assert refused["clang-O3"] is None
    assert "install" in (refused["gcc-O3"] or "")
    assert "install" in (refused["system-clang-O3-polly"] or "")


def test_host_tuning_is_refused_where_the_host_is_another_machine() -> None:
    """`-march=native` and profiles mean nothing on an emulated target."""
    around = Surroundings(EMULATED, ALL)
    refused = {e.name: e.available(around) for e in compilers.entrants()}
    assert "emulated" in (refused["clang-O3-host"] or "")
    assert "emulated" in (refused["system-clang-O3-pgo"] or "")
    assert refused["clang-O2"] is None


def test_the_profiled_entrant_trains_first() -> None:
    """Profile-guided optimization asks the workbench for a profile and names it in its recipe."""
    pgo = next(e for e in compilers.entrants() if e.profiled)
    answer = pgo.optimize(bench())
    assert isinstance(answer, Candidate)
    assert answer.recipe.profile == "f" * 64


def test_only_fast_math_contracts() -> None:
    """No entrant but the one for fast maths has a flag that changes float results."""
    for e in compilers.entrants():
        risky = [f for f in e.recipe.frontend if "fast" in f or "contract" in f or "assoc" in f]
        assert bool(risky) == (e.name == "clang-O3-fast-math")


def test_the_autotuner_spends_its_budget_and_hands_in_the_best_that_is_right() -> None:
    """It makes exactly the allowed evaluations and never hands in one that fails its tests."""
    b = bench(evaluations=60)
    answer = autotune.entrants()[0].optimize(b)
    assert len(b.costs) == 60
    assert isinstance(answer, Candidate)
    assert b.wrong not in answer.recipe.pass_options
    assert "-force-vector-width=8" in answer.recipe.pass_options


def test_the_autotuner_is_reproducible() -> None:
    """The same seed searches the same recipes."""
    one, two = bench(evaluations=20), bench(evaluations=20)
    answers = [autotune.entrants()[0].optimize(x) for x in (one, two)]
    assert [c.id for c in one.costs] == [c.id for c in two.costs]
    assert not isinstance(answers[0], Failed)
    assert not isinstance(answers[1], Failed)
    assert answers[0].id == answers[1].id
