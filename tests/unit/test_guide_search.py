"""The search as a whole on a made-up workbench: how it ends, what it refuses, what it hands in."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from tests.support.fake_bench import SCAN_C, FakeBench, Fate
from tests.support.search_scripts import Said, act, by_role, code, desk_of

from coopbench.agents.backends.model import CallFailed, FailureKind, Request
from coopbench.agents.backends.volatile import plain
from coopbench.agents.guide import ModelGuide, RuleGuide
from coopbench.agents.policies import policy
from coopbench.agents.recipes import STRICT_FLOATS
from coopbench.agents.search import Search
from coopbench.agents.tree import Node
from coopbench.harness.base import Level
from coopbench.harness.errors import InfraError
from coopbench.harness.ledger import Caps
from coopbench.harness.model import Candidate, Outcome
from coopbench.harness.optimizer import Admission, Failed

FUNCTION = SCAN_C[SCAN_C.index("uint32_t scan") :]
FASTER = FUNCTION.replace("uint32_t sum = 0;", "uint32_t sum = 0u;")
OTHER = FUNCTION.replace("uint32_t sum = 0;", "uint32_t sum = 0x0;")
FINISH = act("finish", reason="done")
REWRITE = act("rewrite", level="c", parent="n0", attempts=1)


def gains(candidate: Candidate) -> Fate:
    """FASTER is twice as fast, OTHER is wrong, all else costs what the original does."""
    text = "".join(candidate.files.values())
    if "0x0" in text:
        return Fate(Outcome.WRONG_OUTPUT)
    return Fate(cost=0.5 if "0u" in text else 1.0)


class Played:
    """A search that was run to its end."""

    def __init__(
        self,
        script: Mapping[str, Sequence[Said]] | Callable[[Request], Said],
        bench: FakeBench | None = None,
        *,
        name: str = "guided",
        steps: int = 30,
        rule: bool = False,
    ) -> None:
        self.bench = bench or FakeBench(gains)
        self.desk, self.backend = desk_of(
            self.bench, by_role(script) if isinstance(script, Mapping) else script
        )
        guide = RuleGuide(self.desk) if rule else ModelGuide(self.desk)
        self.search = Search(self.desk, policy(name), guide, steps)

    def run(self) -> Node:
        """Run a search that has an answer."""
        found = self.search.run()
        assert isinstance(found, Node), found
        return found

    def asked(self, role: str = "guide") -> list[str]:
        """Return the last message of every request of a role."""
        return [plain(r.messages[-1].text) for r in self.backend.requests if r.role == role]


def test_the_best_right_candidate_wins() -> None:
    """A faster and a wrong rewrite: the faster one is handed in, made by the C agent."""
    played = Played({"guide": [REWRITE, REWRITE, FINISH], "c": [code(OTHER), code(FASTER)]})
    won = played.run()
    assert "0u" in won.candidate.files["kernel.c"]
    assert won.gain == 2.0
    assert won.candidate.made_by == "cooperative:c"
    assert [e.text for e in played.bench.events("stop")] == ["finished: done"]


def test_nothing_better_hands_in_the_original() -> None:
    """If no candidate is both right and faster, the original is the answer."""
    played = Played({"guide": [REWRITE, FINISH], "c": [code(OTHER)]})
    assert played.run().id == "n0"


def test_a_provider_that_never_answers_is_trouble_of_the_machine() -> None:
    """No answer at all is an InfraError, after three calls; nobody's candidate is judged."""
    played = Played({})
    with pytest.raises(InfraError, match="nobody is there"):
        played.search.run()
    assert len(played.backend.requests) == 3


def test_a_refused_request_is_not_repeated() -> None:
    """Wrong credentials end the search at the first call."""
    bad = CallFailed(kind=FailureKind.INVALID_REQUEST, message="key refused")
    played = Played(lambda _: bad)
    with pytest.raises(InfraError, match="key refused"):
        played.search.run()
    assert len(played.backend.requests) == 1


def test_a_provider_that_goes_down_later_costs_only_the_rest() -> None:
    """What was found before is handed in."""
    played = Played({"guide": [REWRITE], "c": [code(FASTER)]})
    assert played.run().gain == 2.0
    assert "nobody is there" in played.bench.events("stop")[0].text


def test_models_that_only_talk_nonsense_fail_the_trial() -> None:
    """If no answer at all could be used, the outcome says that the tool calls failed."""
    found = Played(lambda _: "I would love to help!", steps=4).search.run()
    assert isinstance(found, Failed)
    assert found.outcome is Outcome.TOOL_CALL_FAILED


def test_the_budget_ends_the_search_with_its_best() -> None:
    """A hard stop in the middle hands in what was verified by then."""
    script = {"guide": [REWRITE] * 9, "c": [code(FASTER), code(OTHER)] * 9}
    bench = FakeBench(gains, caps=Caps(model_calls=3))
    played = Played(script, bench)
    assert played.run().gain == 2.0
    assert "3 of 3 model_calls" in bench.events("stop")[0].text
    assert bench.ledger().model_calls == 3


def test_a_budget_too_small_for_one_answer_is_said_to_be_spent() -> None:
    """No model could be asked: the trial ends as budget_spent, not as no_change."""
    for caps in (Caps(model_calls=0), Caps(tokens=10), Caps(evaluations=0)):
        found = Played({"guide": [FINISH]}, FakeBench(gains, caps=caps)).search.run()
        assert isinstance(found, Failed)
        assert found.outcome is Outcome.BUDGET_SPENT


def test_a_malformed_choice_gets_one_repair_and_then_the_rule_acts() -> None:
    """After two unusable answers the rule chooses, and both are counted."""
    bad = act("rewrite", level="c", parent="n77")
    script = {"guide": ["what?", bad, FINISH], "c": [code(FASTER), code(FASTER)]}
    played = Played(script)
    assert played.run().gain == 2.0
    assert "there is no candidate 'n77'" not in played.asked()[0]
    assert "There is no JSON block" in played.asked()[1]
    (rule, end) = played.bench.events("action")
    assert (rule.agent, end.agent) == ("rule", "guide")
    assert len(played.bench.events("malformed")) >= 2
    assert played.bench.recorder.mishaps["no_json"] == 1


def test_a_repaired_choice_counts() -> None:
    """The second answer to the same situation is taken, and the first is in the conversation."""
    played = Played({"guide": ["hm", FINISH]})
    assert played.run().id == "n0"
    (last,) = [r for r in played.backend.requests if len(r.messages) == 3]
    assert last.messages[1].text == "hm"
    assert played.bench.events("action")[0].agent == "guide"


def test_an_action_outside_the_policy_is_refused_with_a_reason() -> None:
    """With all on the C level, passes are refused, and the reason goes back to the guide."""
    passes = act("passes", parent="n0", passes="default<O2>")
    played = Played({"guide": [passes, FINISH]}, name="single:c")
    assert played.run().id == "n0"
    assert "this would be spent on level ir, but open now: c" in played.asked()[1]
    assert len(played.bench.events("refused")) == 1
    assert len(played.desk.tree) == 1


def test_a_level_that_nothing_can_be_lowered_to_is_closed() -> None:
    """If not even the original can be lowered, the level is out of reach, and the guide told so."""
    bench = FakeBench(gains, unlowerable=frozenset({Level.ASM}))
    rewrite = act("rewrite", level="asm", parent="n0")
    played = Played({"guide": [rewrite, rewrite, FINISH, FINISH]}, bench)
    played.run()
    assert "asm is out of reach: error: there is no way to asm" in played.asked()[1]
    assert "open now: c, ir" in played.asked()[2]


def test_a_policy_without_a_level_left_ends_the_search() -> None:
    """All on assembly where there is none: the search ends and says why."""
    bench = FakeBench(gains, unlowerable=frozenset({Level.ASM}))
    rewrite = act("rewrite", level="asm", parent="n0")
    played = Played({"guide": [rewrite] * 9}, bench, name="single:asm")
    assert played.run().id == "n0"
    assert "single:asm has no level left: asm: error" in bench.events("stop")[0].text


def test_compiler_parts_make_candidates_of_their_own() -> None:
    """Lowering, passes and code generation each add a node with the recipe that was asked for."""
    guide = [
        act("lower", parent="n0", to="ir"),
        act("lower", parent="n0", to="asm", passes="default<O2>"),
        act("passes", parent="n0", passes="default<O1>", options=[]),
        act("codegen", parent="n0", options=["-align-loops=64"]),
        act("codegen", parent="n1", options=["-O2"]),
        FINISH,
    ]
    played = Played({"guide": guide})
    played.run()
    nodes = {n.id: n for n in played.desk.tree}
    lowered, optimized, passes, aligned, other = (nodes[f"n{i}"] for i in range(1, 6))
    assert (lowered.step, lowered.level, lowered.edit) == ("lower", Level.IR, None)
    assert (optimized.level, optimized.edit, optimized.passes) == (
        Level.ASM,
        Level.IR,
        "default<O2>",
    )
    assert passes.candidate.recipe.passes == "default<O1>"
    assert passes.candidate.recipe.pass_options == (STRICT_FLOATS,)
    assert passes.edit is Level.IR
    assert aligned.candidate.recipe.codegen == ("-O3", "-align-loops=64")
    assert aligned.candidate.recipe.passes == "default<O3>", "llc's options need opt's way"
    assert aligned.edit is Level.ASM
    assert other.candidate.recipe.codegen == ("-O2",)
    assert all(n.candidate.made_by == "cooperative:guide" for n in nodes.values() if n.id != "n0")


def test_a_default_lowering_is_handed_in_as_what_it_came_from() -> None:
    """The same code in readable words: not the assembly text, but the C it was made from."""
    guide = [REWRITE, act("lower", parent="n1", to="asm"), FINISH]
    played = Played({"guide": guide, "c": [code(FASTER)]})
    costs = iter([1.0, 0.5, 0.4])
    played.bench.cost = lambda candidate: next(costs)  # type: ignore[method-assign]
    won = played.run()
    assert played.desk.tree["n2"].gain == 2.5
    assert won.id == "n1"


@pytest.mark.parametrize("what", ["remarks", "throughput", "disassembly", "hot_blocks", "cost"])
def test_an_inspection_is_shown_in_the_next_step_only(what: str) -> None:
    """What a tool says is in the next prompt, at most 60 lines of it."""
    played = Played({"guide": [act("inspect", parent="n0", what=what), FINISH]})
    played.run()
    (done,) = played.bench.events("action")[:1]
    assert done.text
    assert len(done.text.splitlines()) <= 60
    assert done.text.splitlines()[0] in played.asked()[1]
    assert done.text.splitlines()[0] not in played.asked()[0]


def test_the_winner_is_checked_again_when_tests_have_grown() -> None:
    """A candidate that fails a test that came later is not handed in."""
    bench = FakeBench(gains)
    workload = {"note": "all ones", "scalars": {"n": 3}, "arrays": {"in": [1, 1, 1]}}

    def fails_now(_: object) -> Admission:
        bench.fates = lambda c: Fate(Outcome.WRONG_OUTPUT)
        return Admission(True, "proposed-0", "reaches a new block")

    bench.admit = fails_now
    tests = f"```json\n{__import__('json').dumps({'workloads': [workload]})}\n```"
    script = {"guide": [REWRITE, act("test"), FINISH], "c": [code(FASTER)], "tests": [tests] * 3}
    played = Played(script, bench)
    assert played.run().id == "n0"
    assert len(played.search.moves.tester.accepted) == 1


def test_the_prompt_prefix_stays_the_same_and_the_situation_is_fresh() -> None:
    """Every step has the same system text and one message, which holds the tree and the ledger."""
    script = {"guide": [REWRITE, REWRITE, FINISH], "c": [code(FASTER), code(OTHER)]}
    bench = FakeBench(gains, caps=Caps(model_calls=50, run_ns=10**12))
    played = Played(script, bench)
    played.run()
    steps = [r for r in played.backend.requests if r.role == "guide"]
    assert len({r.system for r in steps}) == 1
    assert all(len(r.messages) == 1 for r in steps)
    assert "uint32_t scan(uint32_t *out, const uint32_t *in, size_t n)" in steps[0].system
    last = plain(steps[-1].messages[0].text)
    assert "n1 | c | rewrite of n0 | c | ok | 2x or more faster (2.00x) | t" in last
    assert "n2 | c | rewrite of n0 | c | wrong_output | unknown" in last
    assert "model calls: 46 of 50 left" in last
    assert "spent on c: 2 model calls" in last


def test_only_the_latest_and_best_candidates_are_shown() -> None:
    """A long search keeps the prompt short: the original, the best and the latest stay in it."""
    numbers = iter(range(1, 100))

    def answer(request: Request) -> Said:
        if request.role == "guide":
            return REWRITE
        return code(FUNCTION.replace("sum = 0;", f"sum = {next(numbers)} * 0;"))

    played = Played(answer, steps=60)
    played.run()
    rows = [line for line in played.asked()[-1].splitlines() if line.startswith("n")]
    assert len(played.desk.tree) == 61
    assert len(rows) <= 24
    assert rows[0].startswith("n0 |")
    assert rows[-1].startswith("n59 |"), "the last request came before the last candidate"
    assert f"({60 - len(rows)} more" in played.asked()[-1]


def test_the_rule_alone_searches_without_a_guide() -> None:
    """It works on every open level, asks for tests once, and ends by itself."""

    def answer(request: Request) -> Said:
        return code(FASTER) if request.role == "c" else "no"

    played = Played(answer, rule=True)
    assert played.run().gain == 2.0
    assert not played.asked("guide")
    kinds = [e.data["action"]["action"] for e in played.bench.events("action")]  # type: ignore[index, call-overload]
    assert kinds.count("test") == 1
    assert {"rewrite", "passes", "codegen"} <= set(kinds)
    levels = {e.level for e in played.bench.events("action")}
    assert levels >= set(Level)
    assert kinds[-1] == "finish"


def test_the_rule_keeps_to_the_open_levels() -> None:
    """Under a single-level policy nothing is spent on the others."""
    played = Played(lambda r: code(FASTER), rule=True, name="single:c")
    played.run()
    assert {e.level for e in played.bench.events("action")} <= {Level.C, None}


def test_two_runs_of_one_script_take_the_same_path() -> None:
    """Requests and tree are the same, whatever the policy."""

    def paths(name: str) -> tuple[list[str], list[str]]:
        script = {"guide": ["hm"] * 30, "c": [code(FASTER), code(OTHER)] * 4}
        played = Played(script, name=name, steps=12)
        played.run()
        return played.asked(), [n.candidate.id for n in played.desk.tree]

    for name in ("thompson", "uniform", "weighted"):
        assert paths(name) == paths(name)


def test_an_original_that_fails_its_tests_is_trouble_of_the_machine() -> None:
    """Nothing can be searched from an original that is wrong; that is not the entrant's fault."""
    bench = FakeBench(gains)
    bench.fate = lambda candidate: Fate(Outcome.CRASHED)  # type: ignore[method-assign]
    with pytest.raises(InfraError, match="the original fails its own visible tests"):
        Played({"guide": [FINISH]}, bench).search.run()
