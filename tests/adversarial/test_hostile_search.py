"""Wrong, malformed and hostile answers through the whole system: none accepted, none crashes it."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest
from tests.support.fake_bench import FakeBench
from tests.support.hostile_answers import FUNCTION, HOSTILE, SPLICED, HostileAnswer
from tests.support.search_scripts import Said, act, desk_of

from coopbench.agents.backends.model import Request
from coopbench.agents.guide import ModelGuide
from coopbench.agents.policies import policy
from coopbench.agents.search import Search
from coopbench.agents.tree import Node
from coopbench.harness import compose
from coopbench.harness.budget import Budget
from coopbench.harness.compose import Hall, open_hall
from coopbench.harness.model import Outcome
from coopbench.harness.optimizer import Failed
from coopbench.harness.sandbox.limits import Limits
from coopbench.harness.settings import Settings
from coopbench.harness.suite import find_suite
from coopbench.harness.trajectory import MemoryJournal, Recorder
from coopbench.harness.workbench import LocalWorkbench

LEAST = 200
X86, ARM = "x86-64-v2", "armv8-a"
ARCH = {X86: "x86_64", ARM: "aarch64"}


@pytest.fixture(scope="module")
def hall() -> Iterator[Hall]:
    """Return a place where endless loops end soon."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "LIMITS", Limits(wall_s=3.0, cpu_s=3.0))
        with open_hall(find_suite("curated"), (X86, ARM), b"hostile", unsafe=False) as made:
            yield made


def said_in_turn(cases: Sequence[HostileAnswer]) -> Callable[[Request], Said]:
    """Return a script that has each answer given once by the agent of its level, and once again."""
    left = iter(cases)
    current: list[HostileAnswer] = []

    def script(request: Request) -> Said:
        if request.role != "guide":
            return current[-1].answer
        case = next(left, None)
        if case is None:
            return act("finish", reason="all are through")
        current.append(case)
        return act("rewrite", level=case.level, parent="n0", attempts=1)

    return script


@pytest.mark.e2e
@pytest.mark.parametrize("target", [X86, ARM])
def test_no_hostile_answer_is_accepted(hall: Hall, target: str) -> None:
    """Each is refused by name, or its candidate fails; the original is what is handed in."""
    cases = [
        case
        for case in HOSTILE
        if case.level is not None and (case.level != "asm" or case.arch == ARCH[target])
    ]
    if target == ARM:
        cases = [case for case in cases if case.level != "c"]
    else:
        assert len(cases) >= LEAST
    chosen = next(t for t in hall.targets if t.name == target)
    budget, journal = Budget(), MemoryJournal()
    bench = LocalWorkbench(
        hall.referee(FUNCTION, chosen),
        budget,
        1,
        trial=f"hostile/{FUNCTION}/{target}/0",
        recorder=Recorder(journal, lambda: budget.snapshot().spent),
        settings=Settings(backend="scripted"),
    )
    desk, _ = desk_of(bench, said_in_turn(cases))
    won = Search(desk, policy("guided"), ModelGuide(desk), len(cases) + 1).run()
    accepted = [n for n in desk.tree if n.verified and n.agent in {"c", "ir", "asm"}]
    assert [(n.id, n.claim, n.candidate.files) for n in accepted] == []
    assert isinstance(won, Node)
    assert won.id == "n0"
    stops = [e.text for e in journal.events if e.kind == "stop"]
    assert stops == ["finished: all are through"]
    expected = Counter(str(c.expected) for c in cases if c.expected != SPLICED)
    found = Counter(str(e.data["kind"]) for e in journal.events if e.kind == "malformed")
    assert set(expected) <= set(found)


@pytest.mark.parametrize(
    "case", [case for case in HOSTILE if case.level is None], ids=lambda case: case.name
)
def test_hostile_choices_are_refused_by_name(case: HostileAnswer) -> None:
    """Whatever the guide says instead of an action is counted by name, and the rule acts."""
    bench = FakeBench()
    desk, _ = desk_of(bench, lambda request: case.answer if request.role == "guide" else "nothing")
    found = Search(desk, policy("guided"), ModelGuide(desk), steps=1).run()
    assert isinstance(found, Failed)
    assert found.outcome is Outcome.TOOL_CALL_FAILED
    seen = [e.data["kind"] for e in bench.events("malformed") if e.agent == "guide"]
    assert seen == [str(case.expected)] * 2
    assert [e.agent for e in bench.events("action")] == ["rule"]
