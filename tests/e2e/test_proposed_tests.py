"""The test agent on real kernels and a program: its tests reject what the visible ones let pass."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support.search_scripts import by_role, desk_of

from coopbench.agents.desk import Desk, Work
from coopbench.agents.testgen import TestAgent
from coopbench.harness.base import Level
from coopbench.harness.budget import Budget
from coopbench.harness.compose import Hall, open_hall
from coopbench.harness.model import Candidate, Rung, Target
from coopbench.harness.referee import Referee
from coopbench.harness.suite import find_suite
from coopbench.harness.testworth import TestWorth
from coopbench.harness.workbench import LocalWorkbench
from coopbench.harness.worth import MUTANTS, measure_worth

pytestmark = pytest.mark.e2e

VARIANTS = Path(__file__).parents[1] / "variants"
SECRET = b"proposed tests, " * 2


@pytest.fixture(scope="module")
def hall() -> Iterator[Hall]:
    """Return all curated benchmarks on both architectures, as far as they can be run here."""
    with open_hall(find_suite("curated"), (), SECRET, unsafe=False) as made:
        yield made


@dataclass(frozen=True)
class Case:
    """A wrong rewrite that the visible tests let pass, and an input on which it goes wrong."""

    benchmark: str
    wrong: str
    right: str
    workload: dict[str, Any]
    illegal: dict[str, Any]
    reason: str
    """Why the illegal one is refused."""


CASES = [
    Case(
        "copy_overlap",
        "bad_overshoot",
        "good_doubling",
        {"note": "no whole words", "scalars": {"len": 100, "dst": 30, "src": 5, "count": 13}},
        {"scalars": {"len": 20, "dst": 30, "src": 5, "count": 0}},
        "dst = 30 is above the largest legal value 20 (len)",
    ),
    Case(
        "fir_alias",
        "bad_from_product",
        "good_lanes",
        {
            "note": "nothing but minus zero",
            "scalars": {"n": 9, "count": 2},
            "arrays": {"in": ["-0.0"] * 10, "taps": [0.01, 0.0]},
        },
        {"scalars": {"n": 4, "count": 2}, "overlaps": {"out": 10}},
        "must be an integer from -9 to 9, not 10",
    ),
    Case(
        "sum_strict",
        "bad_first_element",
        "good_lanes",
        {"note": "minus zero", "scalars": {"window": 3}, "arrays": {"x": ["-0.0"] * 20}},
        {"arrays": {"sums": [0.0]}},
        "array 'sums' is no input",
    ),
    Case(
        "utf8_check",
        "bad_surrogate",
        "good_automaton",
        {"note": "a surrogate", "arrays": {"text": [0xED, 0xA0, 0x80]}},
        {"arrays": {"text": [0xED, 0xA0, 256]}},
        "text[2]: 256 does not fit into u8",
    ),
    Case(
        "json_pretty",
        "bad_leading_zero",
        "good_buffered",
        {"note": "a leading zero", "stdin": "[01]"},
        {"stdin": "[1]", "args": ["-v"]},
        '"args" must be a list of 0',
    ),
]


def opened(
    hall: Hall, case: Case, target: Target
) -> tuple[Desk, LocalWorkbench, Referee[Any, Any]]:
    """Return a desk at a fresh workbench, with a scripted model that proposes the case's inputs."""
    referee = hall.referee(case.benchmark, target)
    bench = LocalWorkbench(referee, Budget(), 0, trial=f"test/{case.benchmark}/{target.name}/0")
    twice = {**case.workload, "note": "the same again"}
    answer = json.dumps({"workloads": [case.workload, twice, case.illegal]})
    desk, _ = desk_of(bench, by_role({"tests": [f"```json\n{answer}\n```"]}))
    desk.open()
    return desk, bench, referee


def put(desk: Desk, case: Case, variant: str) -> str:
    """Judge a hand-written rewrite; return its node's id."""
    file = "kernel.c" if "stdin" not in case.workload else "main.c"
    candidate = Candidate(
        benchmark=case.benchmark,
        level=Level.C,
        files={file: (VARIANTS / case.benchmark / f"{variant}.c").read_text()},
        made_by="test:c",
    )
    return desk.judge(Work(candidate, desk.tree.root, "rewrite", "c", variant)).id


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.benchmark)
def test_a_proposed_test_rejects_what_the_visible_ones_let_pass(hall: Hall, case: Case) -> None:
    """On every target a wrong rewrite passes until an accepted proposal shows it up."""
    for target in hall.targets:
        desk, bench, _ = opened(hall, case, target)
        wrong, right = put(desk, case, case.wrong), put(desk, case, case.right)
        assert desk.tree[wrong].verified, "the visible tests must not find it alone"
        agent = TestAgent(desk)
        found = agent.propose("correctness")
        assert (found.accepted, found.refused, found.rejected_nodes) == (1, 2, (wrong,))
        assert agent.refused[0] == "the same again: a duplicate of proposed 1"
        assert case.reason in agent.refused[1]
        verdict = desk.tree[wrong].verdict
        assert verdict is not None
        assert verdict.counterexample is not None
        assert verdict.counterexample.workload.startswith(f"proposed 1: {case.workload['note']}")
        assert verdict.counterexample.rung is Rung.VISIBLE
        assert desk.tree[right].verified
        assert desk.tree["n0"].verified
        assert bench.proposals is not None
        assert bench.proposals.rejected == {desk.tree[wrong].candidate.id}


def test_accepted_tests_are_put_to_later_candidates(hall: Hall) -> None:
    """A candidate that comes after the proposal is checked on it at once."""
    case = CASES[0]
    desk, _, _ = opened(hall, case, hall.targets[0])
    TestAgent(desk).propose("correctness")
    assert not desk.tree[put(desk, case, case.wrong)].verified
    right = desk.tree[put(desk, case, case.right)]
    assert right.verdict is not None
    (visible,) = right.verdict.evidence
    assert visible.tried == 8 + 1


def test_trials_do_not_see_each_others_tests(hall: Hall) -> None:
    """What one trial proposed neither tests nor blocks another's candidates."""
    case = CASES[3]
    first, _, _ = opened(hall, case, hall.targets[0])
    TestAgent(first).propose("correctness")
    second, bench, _ = opened(hall, case, hall.targets[0])
    assert second.tree[put(second, case, case.wrong)].verified
    assert bench.propose(case.workload).accepted


def counted(referee: Referee[Any, Any], tests: Any, seed: int) -> tuple[list[bool], ...]:
    """Judge the mutants one by one: which are wrong, which fail the visible, which all tests."""
    from coopbench.harness.mutants import seed_mutants

    name = "kernel.c"
    wrong: list[bool] = []
    visible: list[bool] = []
    proposed: list[bool] = []
    for mutant in seed_mutants(referee.benchmark.files[name], None, 2 * MUTANTS, seed):
        candidate = Candidate(
            benchmark=referee.benchmark.name,
            level=Level.C,
            files={name: mutant.text},
            made_by="mutation",
        )
        built = referee.build(candidate)
        if built.exe is None or referee.is_baseline(built) or len(wrong) == MUTANTS:
            continue
        wrong.append(not referee.examine(candidate).verdict.passed)
        visible.append(not referee.check_visible(candidate).passed)
        proposed.append(not referee.check_visible(candidate, tests.batches).passed)
    return wrong, visible, proposed


@pytest.mark.parametrize("case", CASES[:4], ids=lambda c: c.benchmark)
def test_the_worth_is_what_judging_each_mutant_says(hall: Hall, case: Case) -> None:
    """Kills are counted among the mutants known to be wrong, with and without the proposals."""
    desk, bench, referee = opened(hall, case, hall.targets[0])
    bad = put(desk, case, case.wrong)
    TestAgent(desk).propose("correctness")
    tests = bench.proposals
    assert tests is not None
    worth = measure_worth(referee, tests, 7)
    wrong, visible, proposed = counted(referee, tests, 7)
    assert worth == TestWorth(
        mutants=len(wrong),
        wrong=sum(wrong),
        killed_visible=sum(w and v for w, v in zip(wrong, visible, strict=True)),
        killed_with_proposed=sum(w and p for w, p in zip(wrong, proposed, strict=True)),
        beyond_ladder=sum(p and not w for w, p in zip(wrong, proposed, strict=True)),
        rejected_candidates=(desk.tree[bad].candidate.id,),
        accepted=1,
        refused=2,
    )
    assert worth.killed_visible < worth.killed_with_proposed <= worth.wrong <= worth.mutants
    assert worth == measure_worth(referee, tests, 7)


def test_without_proposals_the_worth_is_that_of_the_visible_tests(hall: Hall) -> None:
    """Nobody proposed anything: nothing is gained, and nothing is rejected."""
    referee = hall.referee("json_pretty", hall.targets[0])
    worth = measure_worth(referee, referee.proposals(), 3)
    assert worth.wrong > 0
    assert worth.killed_with_proposed == worth.killed_visible
    assert (worth.accepted, worth.beyond_ladder, worth.rejected_candidates) == (0, 0, ())


def test_an_input_of_the_largest_preset_is_a_test(hall: Hall) -> None:
    """Performance workloads may be as large as the benchmark's own, and no larger."""
    proposals = hall.referee("utf8_check", hall.targets[0]).proposals()
    text: dict[str, Any] = {"text": {"kind": "utf8", "damage": 0.0, "seed": 4}}
    full: dict[str, Any] = {"purpose": "performance", "scalars": {"n": 200_003}, "arrays": text}
    assert proposals.propose(full).accepted
    beyond = proposals.propose({**full, "scalars": {"n": 200_004}})
    assert beyond.reason.startswith("array 'text' would have 200004 elements; at most 200003")
    nbody = hall.referee("nbody", hall.targets[0]).proposals()
    assert nbody.propose({"purpose": "performance", "args": ["200000", "1"]}).accepted
    assert not nbody.propose({"args": ["200001", "1"]}).accepted
