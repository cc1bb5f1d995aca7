"""The workbench's tools on real compilers, the sandbox and both architectures."""

import re
import secrets
from collections.abc import Iterator

import pytest

from coopbench.harness.base import Level
from coopbench.harness.budget import Budget
from coopbench.harness.compose import Hall, open_hall
from coopbench.harness.ledger import Amounts
from coopbench.harness.model import Candidate, Outcome, Recipe
from coopbench.harness.optimizer import BuildFailed, HotBlock, Workbench
from coopbench.harness.suite import find_suite
from coopbench.harness.trajectory import MemoryJournal, Recorder
from coopbench.harness.visible import visible_files
from coopbench.harness.workbench import LocalWorkbench

pytestmark = pytest.mark.e2e

TARGETS = (0, 1)

CRASHING = """
#include <stddef.h>
void gemm_ijk(const double *a, const double *b, double *c, size_t n)
{
    (void)a, (void)b, (void)n;
    *(volatile double *)8 = c[0];
}
"""

FAST = """
#include <stddef.h>
void gemm_ijk(const double *restrict a, const double *restrict b, double *restrict c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < n; j++)
                c[i * n + j] += a[i * n + k] * b[k * n + j];
}
"""


@pytest.fixture(scope="module")
def halls() -> Iterator[tuple[Hall, Hall]]:
    """Return two halls with different secrets."""
    suite = find_suite("curated")
    with (
        open_hall(suite, (), secrets.token_bytes(16), unsafe=False) as one,
        open_hall(suite, (), secrets.token_bytes(16), unsafe=False) as two,
    ):
        if len(one.targets) < 2:
            pytest.skip("no emulator on this machine")
        yield one, two


def bench(hall: Hall, name: str, target: int) -> LocalWorkbench:
    """Return the workbench of a fresh trial without caps."""
    return LocalWorkbench(hall.referee(name, hall.targets[target]), Budget(), 1, trial="test")


def original(workbench: Workbench, recipe: Recipe | None = None) -> Candidate:
    """Return the unchanged sources."""
    return workbench.benchmark.original(recipe or Recipe(), "cooperative:c")


def text(workbench: Workbench, source: str) -> Candidate:
    """Return a kernel with this text."""
    return original(workbench).model_copy(update={"files": {"kernel.c": source}})


def blocks_of(workbench: Workbench, candidate: Candidate) -> tuple[HotBlock, ...]:
    """Return hot blocks that must be there."""
    found = workbench.hot_blocks(candidate)
    assert found is not None
    return found


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", ["gemm_ijk", "find_sub", "word_freq"])
def test_hot_blocks_add_up_and_repeat(halls: tuple[Hall, Hall], name: str, target: int) -> None:
    """Blocks account for every instruction of the public input, whatever the run's secret."""
    results = []
    for hall in halls:
        b = bench(hall, name, target)
        blocks = blocks_of(b, original(b))
        count = b.instructions(original(b))
        assert count == sum(x.instructions * x.executions for x in blocks)
        assert abs(sum(x.share for x in blocks) - 1) < 1e-9
        own = [x for x in blocks if x.function != "other"]
        assert own == sorted(own, key=lambda x: -x.share)
        results.append((blocks, count))
    assert results[0] == results[1]


@pytest.mark.parametrize("target", TARGETS)
def test_counts_alone_agree_with_counts_by_block(halls: tuple[Hall, Hall], target: int) -> None:
    """Counting without blocks, on a referee that never saw them, gives the same number."""
    b = bench(halls[0], "spmv_short", target)
    plain = b.instructions(original(b))
    other = bench(halls[1], "spmv_short", target)
    blocks = blocks_of(other, original(other))
    assert plain == sum(x.instructions * x.executions for x in blocks)


@pytest.mark.parametrize("target", TARGETS)
def test_hot_addresses_are_those_of_the_disassembly(halls: tuple[Hall, Hall], target: int) -> None:
    """Every hot block starts at an instruction of its function in the disassembly."""
    b = bench(halls[0], "word_freq", target)
    shown = b.disassembly(original(b))
    assert isinstance(shown, str)
    where: dict[int, str] = {}
    function = ""
    for line in shown.splitlines():
        if label := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            function = label[1]
        elif code := re.match(r"\s*([0-9a-f]+):", line):
            where[int(code[1], 16)] = function
    assert {"main", "table_count"} <= set(where.values())
    assert "printf" not in where.values(), "only the candidate's own code"
    for x in blocks_of(b, original(b)):
        if x.function != "other":
            assert where[x.address] == x.function


def test_the_inner_loop_of_the_matrix_product_is_the_hottest(halls: tuple[Hall, Hall]) -> None:
    """n cubed products are where the time goes: 106 * 106 * (106 / 4) turns of the unrolled loop."""
    b = bench(halls[0], "gemm_ijk", 0)
    hottest = blocks_of(b, original(b))[0]
    assert hottest.function == "gemm_ijk"
    assert hottest.executions == 106 * 106 * (106 // 4)
    assert hottest.share > 0.9


@pytest.mark.parametrize("target", TARGETS)
def test_remarks_tell_what_was_missed(halls: tuple[Hall, Hall], target: int) -> None:
    """A loop that may leave early is not vectorized, and clang says in which line and why."""
    b = bench(halls[0], "find_sub", target)
    lines = b.benchmark.files["kernel.c"].splitlines()
    for recipe in (Recipe(), Recipe(passes="default<O3>"), Recipe(lto=True)):
        found = b.remarks(original(b, recipe))
        assert not isinstance(found, BuildFailed)
        missed = [r for r in found if r.kind == "analysis" and r.pass_name == "loop-vectorize"]
        assert missed, recipe
        assert all("loop not vectorized" in r.message for r in missed), recipe
        places = [lines[(r.line or 0) - 1] for r in missed]
        assert all("for (" in x or "while (" in x for x in places), (recipe, places)


def test_remarks_below_c(halls: tuple[Hall, Hall]) -> None:
    """IR has the remarks of its own passes, assembly none, gcc a reason."""
    b = bench(halls[0], "sum_strict", 0)
    unoptimized = b.lower(original(b), Level.IR, "function(mem2reg,loop-rotate)")
    assert isinstance(unoptimized, Candidate)
    assert b.remarks(unoptimized) == ()
    recipe = unoptimized.recipe.model_copy(update={"passes": "default<O3>"})
    found = b.remarks(unoptimized.model_copy(update={"recipe": recipe}))
    assert not isinstance(found, BuildFailed)
    assert any(r.pass_name == "loop-vectorize" for r in found)
    asm = b.lower(unoptimized, Level.ASM)
    assert isinstance(asm, Candidate)
    assert b.remarks(asm) == ()
    compilers = {c.family: c.id for c in b.surroundings.compilers}
    if "gcc" in compilers:
        refused = b.remarks(original(b, Recipe(compiler=compilers["gcc"])))
        assert isinstance(refused, BuildFailed)
        assert compilers["gcc"] in refused.diagnostics


@pytest.mark.parametrize("target", TARGETS)
def test_throughput_is_of_the_hot_function(halls: tuple[Hall, Hall], target: int) -> None:
    """A kernel is modelled as a whole; of a program, the function that retires most."""
    kernel = bench(halls[0], "gemm_ijk", target)
    for c in (original(kernel), kernel.lower(original(kernel), Level.ASM)):
        assert isinstance(c, Candidate)
        blocks = kernel.throughput(c)
        assert not isinstance(blocks, BuildFailed)
        assert len(blocks) >= 3
        assert all(x.instructions > 0 and x.cycles > 0 for x in blocks)
    program = bench(halls[0], "json_pretty", target)
    hot = blocks_of(program, original(program))
    modelled = program.throughput(original(program))
    assert not isinstance(modelled, BuildFailed)
    own = [x for x in hot if x.function != "other"]
    shares = {n: sum(x.share for x in own if x.function == n) for n in {x.function for x in own}}
    hottest = max(shares, key=lambda n: shares[n])
    assert hottest != "main"
    assert modelled[0].block == hottest


@pytest.mark.parametrize("target", TARGETS)
def test_what_cannot_run_has_no_hot_blocks(halls: tuple[Hall, Hall], target: int) -> None:
    """A crash or a build error is no exception; the tools that only compile still say something."""
    b = bench(halls[0], "gemm_ijk", target)
    crashing, broken = text(b, CRASHING), text(b, "int gemm_ijk;")
    assert b.check(crashing).outcome is Outcome.CRASHED
    assert b.hot_blocks(crashing) is None
    assert b.instructions(crashing) is None
    assert isinstance(b.disassembly(crashing), str)
    assert b.hot_blocks(broken) is None
    assert b.instructions(broken) is None
    for result in (
        b.build(broken),
        b.disassembly(broken),
        b.remarks(broken),
        b.throughput(broken),
        b.lower(broken, Level.IR),
        b.lower(broken, Level.ASM),
    ):
        assert isinstance(result, BuildFailed)
        assert "gemm_ijk" in result.diagnostics


@pytest.mark.parametrize("target", TARGETS)
def test_a_search_with_all_tools(halls: tuple[Hall, Hall], target: int) -> None:
    """A rewrite, lowered and lowered again, leads; time, events and curve are all there."""
    referee = halls[0].referee("gemm_ijk", halls[0].targets[target])
    budget, journal = Budget(), MemoryJournal()
    recorder = Recorder(journal, lambda: budget.snapshot().spent)
    b = LocalWorkbench(referee, budget, 1, trial="t", recorder=recorder)
    better = text(b, FAST)
    ir = b.lower(better, Level.IR, "default<O3>")
    assert isinstance(ir, Candidate)
    asm = b.lower(ir, Level.ASM)
    assert isinstance(asm, Candidate)
    for c in (original(b), text(b, CRASHING), better, ir, asm):
        if b.check(c).passed:
            assert b.cost(c) is not None
    assert b.curve[0].gain == 1.0
    if referee.target.emulated:  # counts are exact; times are not for tests to judge
        best = b.best()
        assert best is not None
        assert best.id in {better.id, ir.id, asm.id}
        assert b.curve[-1].candidate == best.id
        assert b.curve[-1].gain > 1.2
    assert [p.spent.run_ns for p in b.curve] == sorted(p.spent.run_ns for p in b.curve)
    snapshot = budget.snapshot()
    assert snapshot.reserved == Amounts()
    assert snapshot.spent.evaluations == 4
    assert snapshot.spent.compile_ns > 0
    assert snapshot.spent.run_ns > 0
    for currency in ("compile_ns", "run_ns", "evaluations"):
        parts = [getattr(r.amounts, currency) for r in snapshot.by_purpose]
        assert sum(parts) == getattr(snapshot.spent, currency)
    assert {r.purpose.agent for r in snapshot.by_purpose} == {"c"}
    kinds = [e.kind for e in journal.events if e.kind != "best"]
    assert kinds == ["lower", "lower", *["check", "cost"], "check", *["check", "cost"] * 3]
    assert all(e.data["same_code"] for e in journal.events if e.kind == "lower")


def test_proposed_workloads_catch_what_visible_tests_let_pass(halls: tuple[Hall, Hall]) -> None:
    """A kernel that forgets the one-element matrix passes until that case is proposed."""
    b = bench(halls[0], "gemm_ijk", 0)
    forgetful = text(
        b, FAST.replace("{\n    for", "{\n    if (n == 1)\n        return;\n    for", 1)
    )
    assert b.check(forgetful).passed
    assert b.cost(forgetful) is not None
    assert b.best() == forgetful
    admitted = b.propose({"note": "one element", "scalars": {"n": 1}})
    assert admitted.accepted, admitted.reason
    verdict = b.check(forgetful)
    assert verdict.outcome is Outcome.WRONG_OUTPUT
    assert b.best() is None
    assert b.curve == ()
    assert b.proposals is not None
    assert b.proposals.rejected == {forgetful.id}
    assert b.check(text(b, FAST)).passed
    refused = b.propose({"note": "again", "scalars": {"n": -1}})
    assert not refused.accepted


def test_visible_inputs_are_the_benchmarks(halls: tuple[Hall, Hall]) -> None:
    """The workbench hands out exactly the public files."""
    b = bench(halls[0], "gemm_ijk", 0)
    assert b.visible_inputs() == visible_files(halls[1].benchmark("gemm_ijk"))
