"""A recorded search replayed elsewhere: other speed, other costs, the same path."""

import random
from pathlib import Path

import pytest
from tests.support.fake_bench import SCAN_C, FakeBench, Fate
from tests.support.search_scripts import Said, act, code

from coopbench.agents.ask import Models
from coopbench.agents.backends.model import Answer, Attempt, FailureKind, Provenance, Request, Usage
from coopbench.agents.backends.prices import load_prices
from coopbench.agents.backends.scripted import ScriptedBackend
from coopbench.agents.backends.tape import Tape, TapeBackend
from coopbench.agents.desk import Desk
from coopbench.agents.guide import ModelGuide
from coopbench.agents.policies import policy
from coopbench.agents.search import Search
from coopbench.agents.tree import Node
from coopbench.harness.ledger import Caps
from coopbench.harness.model import Candidate
from coopbench.harness.settings import TapeSettings

FUNCTION = SCAN_C[SCAN_C.index("uint32_t scan") :]
BILLED = Attempt(seconds=1, failure=FailureKind.TIMEOUT, maybe_billed=True)


def model(seed: int) -> ScriptedBackend:
    """Return a model with a will of its own, some of whose attempts fail and are billed."""
    chance = random.Random(seed)

    def script(request: Request) -> Said:
        number = chance.randint(1, 9)
        level = chance.choice(["c", "ir", "asm"])
        texts = {
            "guide": chance.choice(
                [
                    act("rewrite", level=level, parent="n0", attempts=1),
                    act("codegen", parent="n0", options=[f"-align-loops={2**number % 60 or 1}"]),
                    act("inspect", parent="n0", what="hot_blocks"),
                    "let me think",
                ]
            ),
            "c": code(FUNCTION.replace("sum = 0;", f"sum = {number} - {number};")),
        }
        return Answer(
            text=texts.get(request.role, "no"),
            stop="end",
            usage=Usage(input_tokens=chance.randint(100, 900), output_tokens=50),
            model="",
            provenance=Provenance(kind="script", detail="own will"),
            attempts=(BILLED, Attempt(seconds=1)) if chance.random() < 0.3 else (),
        )

    return ScriptedBackend("model", script)


def machine(noise: float, busy_ns: int) -> FakeBench:
    """Return a machine with its own speed and its own noise in costs."""
    chance = random.Random(noise)

    def costs(candidate: Candidate) -> Fate:
        by_text = random.Random(candidate.id).uniform(0.3, 1.2)
        return Fate(cost=by_text * (1 + noise * chance.random()))

    bench = FakeBench(costs, busy_ns=busy_ns, caps=Caps(run_ns=10**12, tokens=10**7))
    bench.entrant = "cooperative"
    return bench


def path_of(bench: FakeBench, tape: Tape, inner: ScriptedBackend | None, name: str) -> list[str]:
    """Run a search and return its actions, its candidates and its winner."""
    roles = ("", "guide", "c", "ir", "asm", "tests")
    backends = {role: TapeBackend("tape", tape, inner, role) for role in roles}
    models = Models(backends, bench, bench.settings, load_prices(None), bench.trial)
    desk = Desk(bench, models)
    won = Search(desk, policy(name), ModelGuide(desk), 15).run()
    assert isinstance(won, Node)
    actions = [str(e.data["action"]) for e in bench.events("action")]
    return [*actions, *(n.candidate.id for n in desk.tree), won.id]


@pytest.mark.parametrize("name", ["guided", "uniform", "weighted", "thompson"])
def test_a_replayed_search_takes_the_same_path(name: str, tmp_path: Path) -> None:
    """On a slower machine with noisier costs every request is found, and the winner is the same."""
    file = str(tmp_path / "search.tape.jsonl")
    recording = Tape(TapeSettings(path=file, mode="record"))
    first = path_of(machine(0.0, 10**6), recording, model(4), name)
    recording.close()
    for noise, busy_ns in ((0.5, 10**9), (2.0, 10**3)):
        replaying = Tape(TapeSettings(path=file, mode="replay"))
        assert path_of(machine(noise, busy_ns), replaying, None, name) == first
        assert replaying.unused() == ()
        replaying.close()
