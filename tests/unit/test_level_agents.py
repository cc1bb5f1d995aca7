"""What a level agent asks, how it takes an answer, and when it stops."""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.support.fake_bench import SCAN_ASM, SCAN_C, SCAN_IR, FakeBench, Fate, Fates, all_right
from tests.support.search_scripts import DOWN, Said, code, desk_of

from coopbench.agents.backends.model import Answer, Provenance
from coopbench.agents.backends.scripted import ScriptedBackend
from coopbench.agents.backends.volatile import plain
from coopbench.agents.desk import Desk, Work
from coopbench.agents.level import LevelAgent
from coopbench.agents.tree import Node
from coopbench.harness.base import Level
from coopbench.harness.budget import BudgetSpentError
from coopbench.harness.ledger import Caps
from coopbench.harness.model import Candidate, Outcome
from coopbench.harness.settings import Settings
from coopbench.harness.toolchain.remarks import Remark

FAST_C = SCAN_C.replace("sum += in[i];", "sum = sum + in[i];")
OTHER_C = SCAN_C.replace("sum += in[i];", "sum = in[i] + sum;")


class Talk:
    """A desk with the original on it, and a model that answers from a list."""

    def __init__(
        self,
        said: Sequence[Said],
        fates: Fates = all_right,
        caps: Caps | None = None,
        max_tokens: int = 8000,
    ) -> None:
        settings = Settings(backend="scripted", max_tokens=max_tokens)
        self.bench = FakeBench(fates=fates, caps=caps or Caps(), settings=settings)
        left = iter(said)
        found = desk_of(self.bench, lambda _: next(left, DOWN))
        self.desk: Desk = found[0]
        self.model: ScriptedBackend = found[1]
        self.root = self.desk.open()

    def parent(self, level: Level) -> Node:
        """Return the original at a level, judged."""
        if level is Level.C:
            return self.root
        lowered = self.bench.lower(self.root.candidate, level)
        assert isinstance(lowered, Candidate)
        return self.desk.judge(Work(lowered, self.root, "lower", "harness"))

    def work(self, level: Level = Level.C, attempts: int = 3, hint: str = "") -> tuple[Node, ...]:
        """Let the level's agent work on the original."""
        return LevelAgent(level, self.desk).work(self.parent(level), hint, attempts)

    def heard(self, turn: int = -1) -> str:
        """Return the last message of a request, as the model got it."""
        return plain(self.model.requests[turn].messages[-1].text)


def faster(candidate: Candidate) -> Fate:
    """Let everything but the original cost half."""
    return Fate(cost=0.5)


def failing(outcome: Outcome) -> Fates:
    """Let what holds FAST_C's line fail, everything else be fast."""
    return lambda c: Fate(outcome if "sum = sum + in[i]" in c.files["kernel.c"] else None, 0.5)


def answer(stop: str, text: str = "") -> Answer:
    """Return an answer that ended in some way."""
    where = Provenance(kind="script", detail="test")
    return Answer.model_validate(
        {"text": text, "stop": stop, "usage": None, "model": "", "provenance": where}
    )


def test_a_good_rewrite_is_one_call_and_one_node() -> None:
    """A verified gain ends the work; node, candidate and purpose say who did what."""
    talk = Talk([code(FAST_C, transformation="rotated\nloop", legality="same sums")], faster)
    (node,) = talk.work()
    assert (node.verified, node.gain, node.parent, node.step) == (True, 2.0, "n0", "rewrite")
    assert (node.agent, node.edit, node.claim) == ("c", Level.C, "rotated loop")
    assert node.candidate.made_by == "cooperative:c"
    assert "legality: same sums" in node.candidate.note
    assert node.candidate.parent == talk.root.candidate.id
    assert "sum = sum + in[i];" in node.candidate.files["kernel.c"]
    assert len(talk.model.requests) == 1
    spent = {s.purpose: s.amounts for s in talk.bench.spent().by_purpose}
    calls = {p: a.model_calls for p, a in spent.items() if a.model_calls}
    assert [(p.level, p.agent, p.action, n) for p, n in calls.items()] == [
        (Level.C, "c", "rewrite", 1)
    ]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.BUILD_FAILED, "It does not build"),
        (Outcome.REJECTED_BY_SCAN, "refused before it ran"),
        (Outcome.WRONG_OUTPUT, "at out[3]\nexpected: 7\ngot:      9"),
        (Outcome.CRASHED, "It crashed on the input `n=5`"),
        (Outcome.TIMED_OUT, "did not end in time on the input `n=5`"),
    ],
)
def test_a_failure_goes_back_and_is_mended(outcome: Outcome, words: str) -> None:
    """The model reads what failed, in the same conversation, and its next answer counts."""
    talk = Talk([code(FAST_C), code(OTHER_C)], failing(outcome))
    first, second = talk.work()
    assert first.verdict is not None
    assert first.verdict.outcome is outcome
    assert second.verified
    assert words in talk.heard()
    assert "Attempts left: 2" in talk.heard()
    old, new = talk.model.requests
    assert new.messages[: len(old.messages)] == old.messages
    assert [m.role for m in new.messages] == ["user", "assistant", "user"]
    assert new.system == old.system


def test_correct_but_not_faster_names_both_costs() -> None:
    """The model reads the deterministic costs before and after, and may try again."""
    talk = Talk([code(FAST_C), code(OTHER_C)], lambda c: Fate(cost=1.0))
    nodes = talk.work(attempts=2)
    assert [n.verified for n in nodes] == [True, True]
    assert (
        "It is correct, but its cost against the version you were given is: same." in talk.heard()
    )
    assert "before: 1,000 instructions retired on a visible input" in talk.heard()
    assert "after: 1,000 instructions retired on a visible input" in talk.heard()


def test_a_gain_must_be_over_the_version_that_was_given() -> None:
    """On a parent that is twice as fast already, 1.5 times the original is no success."""
    costs = {"sum = sum + in[i]": 0.5, "sum = in[i] + sum": 0.67}

    def fates(candidate: Candidate) -> Fate:
        text = candidate.files["kernel.c"]
        return Fate(cost=next((c for part, c in costs.items() if part in text), 1.0))

    talk = Talk([code(FAST_C), code(OTHER_C), DOWN], fates)
    (good,) = talk.work()
    nodes = LevelAgent(Level.C, talk.desk).work(good, "", 2)
    assert [n.state for n in nodes] == ["ok"]
    assert "against the version you were given is: much slower" in talk.heard()


def test_a_malformed_answer_is_mended_once() -> None:
    """The message names what was wrong; the mended answer is the same attempt's."""
    talk = Talk(["I would unroll it.", code(FAST_C)], faster)
    (node,) = talk.work(attempts=1)
    assert node.verified
    assert "could not be used (no_code)" in talk.heard()
    (event,) = talk.bench.events("malformed")
    assert event.data["kind"] == "no_code"
    assert "fenced code" in str(event.data["message"])
    assert event.agent == "c"
    assert talk.bench.recorder.mishaps == {"no_code": 1}


def test_malformed_twice_is_a_failed_attempt() -> None:
    """Every attempt has one repair; without a candidate there is no node."""
    talk = Talk(["no", "no", "no", code(FAST_C)], faster)
    (node,) = talk.work(attempts=2)
    assert node.verified
    assert len(talk.model.requests) == 4
    assert [e.data["kind"] for e in talk.bench.events("malformed")] == ["no_code"] * 3
    talk = Talk(["no"] * 9)
    assert talk.work(attempts=2) == ()
    assert len(talk.model.requests) == 4


def test_an_echo_is_counted_and_mended() -> None:
    """The function as it was given is malformed, not a candidate."""
    talk = Talk([code(SCAN_C), code(FAST_C)], faster)
    (node,) = talk.work(attempts=1)
    assert node.verified
    assert talk.bench.recorder.mishaps == {"echo": 1}


@pytest.mark.parametrize("stop", ["refusal", "context"])
def test_what_cannot_be_mended_ends_the_work(stop: str) -> None:
    """After a refusal, or with a full context, the same conversation is not gone on with."""
    talk = Talk([answer(stop), code(FAST_C)], faster)
    assert talk.work() == ()
    assert len(talk.model.requests) == 1
    assert talk.bench.recorder.mishaps == {stop: 1}


def test_a_cut_answer_is_malformed() -> None:
    """An answer that ended at the limit of tokens is never spliced, and is asked for again."""
    talk = Talk([answer("length", code(FAST_C)), code(FAST_C)], faster)
    (node,) = talk.work(attempts=1)
    assert node.verified
    assert talk.bench.recorder.mishaps == {"truncated": 1}


def test_a_failed_call_returns_what_there_is() -> None:
    """Nodes made before the model went away are kept."""
    talk = Talk([code(FAST_C), DOWN], failing(Outcome.WRONG_OUTPUT))
    (node,) = talk.work()
    assert node.state == "wrong_output"


def test_a_repeated_answer_is_told_and_not_judged_again() -> None:
    """Content that is in the tree already is no new node; the model hears which it is."""
    talk = Talk([code(FAST_C), code(FAST_C), code(OTHER_C)], failing(Outcome.CRASHED))
    first, second = talk.work()
    assert (first.state, second.state) == ("crashed", "ok")
    assert f"It is the same as {first.id}, which was tried before (crashed)" in talk.heard()
    assert len(talk.bench.checked) == 3


def test_an_empty_answer_can_be_sent_back() -> None:
    """Providers refuse empty turns; the conversation has something in their place."""
    talk = Talk([answer("end", " \n"), code(FAST_C)], faster)
    talk.work(attempts=1)
    assert talk.model.requests[-1].messages[1].text.strip()


def test_the_budget_stops_the_agent() -> None:
    """An end of the budget is not swallowed; what was judged stays in the tree."""
    talk = Talk([code(FAST_C), code(OTHER_C)], failing(Outcome.CRASHED), Caps(model_calls=1))
    with pytest.raises(BudgetSpentError):
        talk.work()
    assert [n.state for n in talk.desk.tree] == ["ok", "crashed"]


def test_a_parent_of_another_level_is_refused() -> None:
    """The caller lowers first."""
    talk = Talk([])
    with pytest.raises(ValueError, match="level c"):
        LevelAgent(Level.ASM, talk.desk).work(talk.root, "", 1)


def test_earlier_attempts_are_shown_with_their_verdicts() -> None:
    """A second conversation from the same parent knows what became of the first."""
    talk = Talk(
        [code(FAST_C, transformation="swapped"), DOWN, code(OTHER_C)],
        failing(Outcome.WRONG_OUTPUT),
    )
    talk.work()
    talk.work(hint="try the other order")
    first = talk.heard()
    assert "n1 (c, rewrite): swapped -> wrong_output on the input `n=5`" in first
    assert "Suggestion of the planner: try the other order" in first


def test_the_first_message_has_the_evidence() -> None:
    """Costs, hot blocks with the model's word on them, and remarks with the line they are about."""
    talk = Talk([DOWN])
    remark = Remark(
        kind="analysis",
        pass_name="loop-vectorize",
        name="UnsafeDep",
        function="scan",
        line=7,
        message="loop not vectorized: unsafe dependent memory operations in loop",
    )
    talk.bench.remarks = lambda candidate: (remark,)  # type: ignore[method-assign]
    talk.work()
    first = talk.heard()
    assert "1,000 instructions retired on a visible input" in first
    assert "97 % of all, 1000 times, 5 instructions" in first
    where = "for (size_t i = 0; i < n; i++) {"
    assert f"loop-vectorize analysis [{where}]: loop not vectorized: unsafe dependent" in first


IR_BODY = SCAN_IR[SCAN_IR.index("define") : SCAN_IR.index("attributes")].strip()
BETTER_IR = (
    IR_BODY.replace(" captures(none)", "")
    .replace(", !tbaa !5", "")
    .replace("add i32 %11, %9", "add i32 %9, %11")
    .replace(" local_unnamed_addr #0", "")
)


def test_the_ir_agent_rewrites_a_function() -> None:
    """The answer's function takes the place of the module's; the rest of the module stays."""
    talk = Talk([code(BETTER_IR, "llvm")], faster)
    (node,) = talk.work(Level.IR)
    assert (node.verified, node.step, node.edit) == (True, "rewrite", Level.IR)
    text = node.candidate.files["kernel.ll"]
    assert "target triple" in text
    assert "%9, %11" in text or "%v9, %v11" in text


@pytest.mark.parametrize(
    ("data", "step", "edit"),
    [
        ({"passes": "default<O3>"}, "passes", Level.IR),
        ({"passes": "function(gvn)", "options": ["-unroll-threshold=300"]}, "passes", Level.IR),
        ({"codegen": ["-align-loops=32"]}, "codegen", Level.ASM),
        ({"attributes": ["noalias param 0"]}, "rewrite", Level.IR),
    ],
)
def test_the_ir_agent_may_tell_the_compiler_instead(
    data: dict[str, Any], step: str, edit: Level
) -> None:
    """Passes, code generation options and attributes become a recipe or a claim in the text."""
    said = code("", **data).partition("```json")
    talk = Talk(["```json" + said[2]], faster)
    (node,) = talk.work(Level.IR)
    parent = talk.desk.tree["n1"].candidate
    assert (node.step, node.edit, node.claim) == (step, edit, "t")
    recipe = node.candidate.recipe
    if step == "rewrite":
        assert "noalias" in node.candidate.files["kernel.ll"]
        assert recipe == parent.recipe
        return
    assert node.candidate.files == parent.files
    assert recipe.passes == data.get("passes")
    assert set(data.get("options", ())) <= set(recipe.pass_options)
    assert set(data.get("codegen", ())) <= set(recipe.codegen)


@pytest.mark.parametrize(
    "data",
    [
        {"passes": "no-such-pass"},
        {"passes": "default<O3>", "options": ["-load=/tmp/x.so"]},
        {"passes": 7},
        {"passes": "default<O3>", "options": [1]},
        {"codegen": ["-o"]},
        {"attributes": ["noalias everywhere"]},
        {"attributes": {"noalias": True}},
        {"passes": "default<O3>", "codegen": ["-align-loops=32"]},
        {},
    ],
)
def test_what_is_on_no_list_is_malformed(data: dict[str, Any]) -> None:
    """Unknown passes and options, wrong types, two kinds at once or none: told and not built."""
    said = "```json" + code("", **data).partition("```json")[2]
    talk = Talk([said, said])
    assert talk.work(Level.IR, attempts=1) == ()
    assert len(talk.bench.events("malformed")) == 2


def test_the_asm_agent_rewrites_a_function() -> None:
    """Directives around the function are put back."""
    body = SCAN_ASM[SCAN_ASM.index("scan:") : SCAN_ASM.index(".Lfunc_end0")]
    lines = [s for s in body.splitlines() if not s.startswith("\t.")]
    better = "\n".join(lines).replace("incq\t%rcx", "addq\t$1, %rcx")
    talk = Talk([code(better, "asm")], faster)
    (node,) = talk.work(Level.ASM)
    assert (node.verified, node.step, node.edit) == (True, "rewrite", Level.ASM)
    text = node.candidate.files["kernel.s"]
    assert "addq\t$1, %rcx" in text
    assert ".type\tscan,@function" in text
    assert ".note.GNU-stack" in text


def test_a_function_that_fits_no_answer_is_not_asked_for() -> None:
    """Longer than an answer may be: the budget is kept, and the trajectory says why."""
    talk = Talk([code(FAST_C)], faster, max_tokens=256)
    text = SCAN_C.replace("uint32_t sum = 0;", "uint32_t sum = 0;\n" + "    sum += 0;\n" * 40)
    files = {"kernel.c": text}
    long = talk.desk.judge(
        Work(talk.root.candidate.model_copy(update={"files": files}), talk.root, "rewrite", "c")
    )
    assert LevelAgent(Level.C, talk.desk).work(long, "", 2) == ()
    assert talk.model.requests == []
    (event,) = talk.bench.events("refused")
    assert event.data["kind"] == "function_too_long"
    assert "raise max_tokens" in event.text


def test_a_long_ir_function_can_still_be_compiled_otherwise() -> None:
    """Passes and options need no room; the model sees the beginning and is told why."""
    said = "```json" + code("", passes="default<O3>").partition("```json")[2]
    talk = Talk([said], faster, max_tokens=256)
    (node,) = talk.work(Level.IR)
    assert node.step == "passes"
    assert "too long to be rewritten" in talk.heard()


def test_an_unknown_function_in_the_answer_is_ignored() -> None:
    """The key may name another function of the file; what is none of it changes nothing."""
    talk = Talk([code(FAST_C, function="no_such"), DOWN], faster)
    (node,) = talk.work()
    assert node.verified
